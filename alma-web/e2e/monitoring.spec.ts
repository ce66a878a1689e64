import { accessible, faultsOf, fits, pictured } from "./look";
import { Alma, expect, test } from "./server";

test("the requests that were made are in the figures, with the window they are of", async ({
  alma,
  page,
}) => {
  const faults = faultsOf(page);
  for (let number = 0; number < 12; number += 1) await alma.call("GET", "/templates");
  await alma.call("POST", "/tools/execute", {
    tool_name: "calculate_capacity",
    parameters: { expected_users: 10 },
  });
  await page.goto("/monitoring");
  const endpoints = page.getByRole("table", { name: "Endpoints" });
  await expect(endpoints.getByText("GET /api/v1/templates", { exact: true })).toBeVisible();
  await expect(
    page.getByRole("table", { name: "Use of tools" }).getByText("calculate capacity"),
  ).toBeVisible();
  await expect(page.getByText(/^The last .+, of this (process|server)/)).toBeVisible();
  await expect(page.getByRole("img", { name: /^Latency since this page was opened/ })).toBeVisible();
  await expect(page.getByText("Requests are not limited here", { exact: false })).toBeVisible();
  await accessible(page);
  await pictured(page, "monitoring");
  await page.evaluate(() => localStorage.setItem("mantine-color-scheme-value", "dark"));
  await page.reload();
  await expect(endpoints).toBeVisible();
  await accessible(page);
  await pictured(page, "monitoring-dark");
  expect(faults).toEqual([]);
});

test("measurements that somebody brings are forecast", async ({ page }) => {
  const faults = faultsOf(page);
  const days = Array.from(
    { length: 20 },
    (_, day) => `2026-10-${String(day + 1).padStart(2, "0")},${40 + day}`,
  );
  await page.goto("/monitoring");
  const series = page.getByRole("textbox", { name: "Measurements" });
  await series.fill("just <b>words</b>");
  await page.getByRole("button", { name: "Forecast", exact: true }).click();
  await expect(page.getByText(/A time and at least one value/)).toBeVisible();
  await series.fill(`time,memory_usage\n${days.join("\n")}`);
  await page.getByRole("button", { name: "Forecast", exact: true }).click();
  await expect(page.getByRole("img", { name: /memory_usage: measured, expected/ })).toBeVisible();
  expect(faults).toEqual([]);
});

test("limits are told, with their refusals; a part that is down says so; it fits a phone", async ({
  browser,
}) => {
  test.setTimeout(300_000);
  const alma = await Alma.started({
    ALMA_RATE_LIMIT_ENABLED: "true",
    ALMA_DOCKER_HOST: "unix:///nowhere/docker.sock",
    DOCKER_HOST: "unix:///nowhere/docker.sock",
  });
  try {
    const context = await browser.newContext({
      baseURL: alma.url,
      viewport: { width: 390, height: 844 },
    });
    const page = await context.newPage();
    await page.goto("/monitoring");
    await expect(page.getByRole("table", { name: "Limits" })).toBeVisible();
    const docker = page.getByRole("group", { name: "Engine docker" });
    await expect(docker.getByText("degraded", { exact: true })).toBeVisible();
    await fits(page);
    await pictured(page, "phone-monitoring");
    await context.close();
  } finally {
    await alma.end();
  }
});

test("while nobody answers, what is shown is said to be old", async ({ alma, page }) => {
  test.setTimeout(300_000);
  await page.goto("/monitoring");
  await expect(page.getByRole("table", { name: "Endpoints" })).toBeVisible();
  await alma.stop();
  await expect(page.getByText("Not up to date").first()).toBeVisible({ timeout: 90_000 });
  await alma.start();
  await expect(page.getByText("Not up to date")).toHaveCount(0, { timeout: 90_000 });
});
