import { accessible, faultsOf, fits, pictured } from "./look";
import { expect, test } from "./server";
import type { Page } from "@playwright/test";

const SHOP = {
  name: "shop",
  resources: [
    {
      name: "web",
      type: "vm",
      image: "debian:12",
      count: 2,
      specs: { cpu: 2, memory: "4GiB", disk: "20GiB" },
      network: { public_ip: true, ports: [80] },
      depends_on: ["db"],
    },
    {
      name: "db",
      type: "database",
      engine: "postgresql",
      specs: { cpu: 2, memory: "8GiB", disk: "100GiB" },
      network: { public_ip: true },
    },
  ],
};

const run = (page: Page) => page.getByRole("button", { name: "Run", exact: true }).click();

async function chosen(page: Page, label: string, name: string): Promise<void> {
  await page.getByRole("combobox", { name: label }).fill(name);
  await page
    .getByRole("option", { name: new RegExp(`^${name} `) })
    .first()
    .click();
}

async function dark(page: Page): Promise<void> {
  await page.evaluate(() => localStorage.setItem("mantine-color-scheme-value", "dark"));
}

test("every tool is listed with what it is for, and found by how people ask for it", async ({ page }) => {
  const faults = faultsOf(page);
  await page.goto("/tools");
  const list = page.getByRole("list", { name: "Tools" });
  await expect(list.getByRole("listitem")).toHaveCount(13);
  await accessible(page);
  await pictured(page, "tools");
  await page.getByRole("textbox", { name: "Search tools" }).fill("gdpr");
  await expect(list.getByRole("link", { name: "Check a blueprint against standards" })).toBeVisible();
  await expect(list.getByRole("link", { name: "Forecast metrics" })).toBeHidden();
  await page.getByRole("textbox", { name: "Search tools" }).fill("zzzz");
  await expect(page.getByText("No tool is like that")).toBeVisible();
  expect(faults).toEqual([]);
});

test("what a saved blueprint costs is read as a table, and as JSON", async ({ alma, page }) => {
  const faults = faultsOf(page);
  await alma.blueprint({ ...SHOP, name: "costs-shop" });
  await page.goto("/tools");
  await page.getByRole("link", { name: "Estimate resources and costs" }).click();
  await chosen(page, "Blueprint: saved", "costs-shop");
  await run(page);
  await expect(page.getByRole("heading", { name: "Cost a month" })).toBeVisible();
  await expect(page.getByText("cheapest", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: /^aws/ }).click();
  const table = page.getByRole("table", { name: "Cost a month, line by line" }).first();
  await expect(table.getByText("instance").first()).toBeVisible();
  await accessible(page);
  await pictured(page, "tool-estimate");
  await page.getByRole("tab", { name: "JSON" }).click();
  await expect(page.getByRole("region", { name: "The answer as JSON" })).toContainText('"monthly_cost"');
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download .json" }).click();
  expect((await download).suggestedFilename()).toBe("estimate_resources.json");
  expect(faults).toEqual([]);
});

test("measurements become a forecast that is drawn and told", async ({ page }) => {
  const faults = faultsOf(page);
  const days = Array.from(
    { length: 30 },
    (_, day) => `2026-10-${String(day + 1).padStart(2, "0")},${45 + day * 1.3 + (day % 3)}`,
  );
  await page.goto("/tools/forecast_metrics");
  await page.getByRole("textbox", { name: /Historical data/ }).fill(`time,disk_usage\n${days.join("\n")}`);
  await expect(page.getByText("30 moments of disk_usage")).toBeVisible();
  await run(page);
  await expect(page.getByRole("img", { name: /disk_usage: measured, expected/ })).toBeVisible();
  await expect(page.locator(".recharts-area-area")).toBeVisible();
  await expect(page.getByRole("table", { name: /disk_usage: measured, expected/ })).toBeAttached();
  await expect(page.getByRole("alert").filter({ hasText: "reaches 100" })).toBeVisible();
  await accessible(page);
  await pictured(page, "tool-forecast");
  await dark(page);
  await page.reload();
  await page.getByRole("button", { name: /disk/i }).first().click();
  await run(page);
  await expect(page.locator(".recharts-area-area")).toBeVisible();
  await accessible(page);
  await pictured(page, "tool-forecast-dark");
  expect(faults).toEqual([]);
});

test("an audit shows what is found, the gravest first, with its evidence", async ({ alma, page }) => {
  const faults = faultsOf(page);
  const id = await alma.blueprint({ ...SHOP, name: "audit-shop" });
  await page.goto(`/tools/security_audit?blueprint=${id}`);
  await run(page);
  await expect(page.getByRole("heading", { name: /findings$/ })).toBeVisible();
  await expect(page.getByText("Data store has an address outside")).toBeVisible();
  await expect(page.getByText(/ALMA-NET-001/).first()).toBeVisible();
  await accessible(page);
  await pictured(page, "tool-audit");
  await page.goto(`/tools/check_compliance?blueprint=${id}`);
  await page.getByRole("combobox", { name: "Standards" }).fill("soc2,");
  await run(page);
  await expect(page.getByRole("table", { name: /Controls of SOC/ })).toBeVisible();
  await accessible(page);
  await pictured(page, "tool-compliance");
  expect(faults).toEqual([]);
});

test("a parameter that does not fit is told at its field, by the page and by the server", async ({
  page,
}) => {
  await page.goto("/tools/calculate_capacity");
  const response = page.getByRole("textbox", { name: "Response ms" });
  await page.getByRole("button", { name: /more setting/ }).click();
  await response.fill("soon");
  await run(page);
  await expect(page.getByText("A number is needed.")).toBeVisible();
  await expect(response).toBeFocused();
  await response.fill("");
  // What no schema says, the server does.
  await page.getByRole("textbox", { name: "Growth period" }).fill("now and then");
  await page.getByRole("textbox", { name: "Expected users" }).fill("1000");
  await run(page);
  const field = page.getByRole("textbox", { name: "Growth period" });
  await expect(field).toHaveAccessibleDescription(/./);
  await expect(field).toHaveAttribute("aria-invalid", "true");
  await accessible(page);
});

test("words choose the tools, several in a row; unclear ones are asked back", async ({ alma, page }) => {
  const faults = faultsOf(page);
  await alma.blueprint({ ...SHOP, name: "words-shop" });
  await page.goto("/tools");
  await page.getByRole("button", { name: "About a blueprint", exact: true }).click();
  await chosen(page, "Blueprint: saved", "words-shop");
  await page.getByRole("textbox", { name: "Ask in words" }).fill("estimate it, then cut costs by 30%");
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  await expect(page.getByText("2 steps, one after the other")).toBeVisible();
  await expect(page.getByRole("button", { name: /1\. Estimate resources/ })).toBeVisible();
  await expect(page.getByText("Now, a month")).toBeVisible();
  await accessible(page);
  await pictured(page, "tools-words");
  await page.getByRole("textbox", { name: "Ask in words" }).fill("hello there");
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  await expect(page.getByText("What should be worked out?")).toBeVisible();
  expect(faults).toEqual([]);
});

test("a blueprint that a tool made is kept", async ({ page }) => {
  await page.goto("/tools/create_blueprint");
  await page.getByRole("button", { name: /without saving/i }).click();
  await run(page);
  await page.getByRole("button", { name: "Save as a new blueprint", exact: true }).click();
  await page.getByRole("link", { name: /^Saved as blueprint/ }).click();
  await expect(page).toHaveURL(/\/blueprints\/\d+$/);
});

test("each tool's own examples are answered and shown without a fault of the page", async ({
  page,
  alma,
}) => {
  test.setTimeout(1_500_000); // each answer is looked through for what is hard to read
  const faults = faultsOf(page);
  const { tools } = await alma.call<{
    tools: { name: string; examples: { title: string; parameters: Record<string, unknown> }[] }[];
  }>("GET", "/tools");
  for (const { name, examples } of tools) {
    for (const [index, { parameters }] of examples.entries()) {
      if (parameters.blueprint_id !== undefined) continue; // of a blueprint that is not here
      await page.goto(`/tools/${name}`);
      await page.locator("form").getByRole("button").nth(index).click();
      await run(page);
      await expect(page.getByRole("tab", { name: "Answer" }), name).toBeVisible();
      await accessible(page);
      await page.screenshot({ path: `reports/screenshots/tool-${name}-${index}.png`, fullPage: true });
    }
  }
  expect(faults).toEqual([]);
});

test("hostile strings stay text, and long ones stay within a phone's width", async ({ page }) => {
  const faults = faultsOf(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto("/tools/troubleshoot_issue");
  const hostile = `<img src=x onerror="document.title='owned'"> FATAL: sorry, too many clients already ${"x".repeat(300)}`;
  await page.getByRole("textbox", { name: "Error message" }).fill(hostile);
  await run(page);
  await expect(page.getByText("PostgreSQL has no connections left").first()).toBeVisible();
  await expect(page.getByText("<img src=x").first()).toBeVisible();
  expect(await page.title()).not.toBe("owned");
  await fits(page);
  await accessible(page);
  await pictured(page, "phone-tool");
  expect(faults).toEqual([]);
});

test("a tool that is not there, and a server that is gone, are told", async ({ alma, page }) => {
  await page.goto("/tools/no_such_tool");
  await expect(page.getByRole("alert").filter({ hasText: "no_such_tool" })).toBeVisible();
  await page.goto("/tools/security_audit");
  await page.getByRole("button", { name: "Run", exact: true }).waitFor();
  await page.locator("form").getByRole("button").first().click();
  await alma.stop();
  await run(page);
  await expect(page.getByRole("alert").filter({ hasText: "The server can't be reached" })).toBeVisible();
  await alma.start();
  await page.getByRole("button", { name: "Try again", exact: true }).click();
  await expect(page.getByRole("heading", { name: /findings$/ })).toBeVisible();
});
