import type { Page } from "@playwright/test";
import { accessible, faultsOf, fits, pictured } from "./look";
import { expect, test } from "./server";

/** Convenes it, and waits for its answer: what an earlier one has left on the page is none. */
async function convened(page: Page): Promise<void> {
  const answer = page.waitForResponse((response) => response.url().endsWith("/api/v1/council/convene"));
  await page.getByRole("button", { name: "Convene", exact: true }).click();
  await answer;
}

test("the council is convened on words", async ({ page }) => {
  const faults = faultsOf(page);
  await page.goto("/council");
  await expect(page.getByText("What findings call for")).toBeVisible();
  await accessible(page);
  await pictured(page, "council-empty");
  await expect(page.getByRole("button", { name: "Convene", exact: true })).toBeDisabled();
  await page
    .getByRole("textbox", { name: "What you need" })
    .fill("a web app with a postgres database and a load balancer, in production");
  await convened(page);
  const verdict = page.getByRole("region", { name: "Verdict" });
  await expect(verdict).toContainText("The council");
  for (const seat of ["Architect", "SecOps", "FinOps"]) {
    await expect(verdict.getByRole("region", { name: seat })).toBeVisible();
  }
  await expect(page.getByRole("region", { name: "Findings" })).toContainText("What helps");
  const cost = page.getByRole("region", { name: "Cost" });
  await expect(cost).toContainText(/A month, as planned\$\d/);
  await expect(cost.getByRole("table", { name: "Cost a month, line by line" })).toContainText("memory");
  await pictured(page, "council");
  await accessible(page);
  expect(faults).toEqual([]);
});

test("it is convened on a saved blueprint and on a request", async ({ page, alma }) => {
  const blueprint = await alma.blueprint({
    name: "ledger",
    resources: [{ name: "books", type: "database", engine: "postgresql", network: { public_ip: true } }],
  });
  const ipr = await alma.ipr(blueprint, "Keep the books");
  await page.goto("/council");
  await page.getByText("A blueprint", { exact: true }).click();
  await page.getByRole("combobox", { name: "Blueprint", exact: true }).click();
  await page.getByRole("combobox", { name: "Blueprint", exact: true }).fill("ledger");
  await page.getByRole("option", { name: `${blueprint}: ledger`, exact: true }).click();
  await convened(page);
  await expect(page.getByRole("region", { name: "Verdict" })).toContainText("ledger");
  await page.getByText("A request", { exact: true }).click();
  await page.getByRole("combobox", { name: "Request", exact: true }).click();
  await page.getByRole("option", { name: new RegExp(`#${ipr}: Keep the books`) }).click();
  await convened(page);
  await expect(page.getByRole("region", { name: "Verdict" })).toContainText("ledger");
  await expect(page.getByRole("region", { name: "Findings" })).toContainText("books");
});

test("what it can't take is said, and stays to be mended", async ({ page }) => {
  await page.goto("/council");
  await page.getByRole("textbox", { name: "What you need" }).fill("a database");
  await page.getByRole("textbox", { name: "Engine", exact: true }).fill("<b>nowhere</b>");
  await convened(page);
  await expect(page.getByRole("alert").filter({ hasText: "<b>nowhere</b>" })).toBeVisible();
  await expect(page.getByRole("textbox", { name: "What you need" })).toHaveValue("a database");
});

test("it fits a phone, in the dark", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto("/council");
  await page.getByRole("textbox", { name: "What you need" }).fill("a postgres database");
  await convened(page);
  await expect(page.getByRole("region", { name: "Verdict" })).toBeVisible();
  await fits(page);
  await accessible(page);
  await pictured(page, "phone-council-dark");
});
