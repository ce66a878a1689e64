import { accessible, faultsOf, pictured } from "./look";
import { expect, test } from "./server";

test("a template is found, changed, priced and used", async ({ page, alma }) => {
  const faults = faultsOf(page);
  await page.goto("/templates");
  await expect(page.getByRole("article")).toHaveCount(10);
  await accessible(page);
  await pictured(page, "templates");
  await page.getByRole("combobox", { name: "Category" }).click();
  await page.getByRole("option", { name: /^web/ }).click();
  await expect(page.getByRole("article")).toHaveCount(2);
  await page.getByRole("combobox", { name: "Complexity" }).click();
  await page.getByRole("option", { name: "low", exact: true }).click();
  await expect(page.getByRole("article")).toHaveCount(1);
  await page.getByRole("link", { name: "Simple web application", exact: true }).click();
  await expect(
    page.getByRole("heading", { name: "Simple web application", level: 1, exact: true }),
  ).toBeVisible();
  const monthly = page.getByTestId("monthly");
  await expect(monthly).toContainText("$");
  const before = await monthly.innerText();
  await page.getByRole("textbox", { name: "Web servers", exact: true }).fill("5");
  await expect(page.getByRole("region", { name: /^Graph of/ })).toContainText("×5");
  await expect(monthly).not.toHaveText(before);
  await accessible(page);
  await pictured(page, "template");
  await page.getByRole("combobox", { name: "Price book" }).click();
  await page.getByRole("option", { name: "Amazon Web Services" }).click();
  await expect(page.getByRole("table", { name: /Cost a month/ })).toContainText("aws@");
  await page.getByRole("textbox", { name: "Name of the blueprint" }).fill("Our site");
  await page.getByRole("button", { name: "Use this template", exact: true }).click();
  await expect(page).toHaveURL(/\/blueprints\/\d+$/);
  await expect(page.getByRole("heading", { name: "Our site", level: 1, exact: true })).toBeVisible();
  const id = page.url().split("/").pop() ?? "";
  const saved = await alma.call<{ resources: { name: string; count?: number }[] }>(
    "GET",
    `/blueprints/${id}`,
  );
  expect(saved.resources.find(({ name }) => name === "web")?.count).toBe(5);
  expect(faults).toEqual([]);
});

test("what a parameter can't be is said at its field, and can't be used", async ({ page }) => {
  await page.goto("/templates/simple-web-app");
  await page.getByRole("textbox", { name: "Web servers", exact: true }).fill("99");
  await page.getByRole("textbox", { name: "Memory of a web server" }).fill("much");
  await expect(page.getByText("must be 1 to 20, not 99")).toBeVisible();
  await expect(page.getByText(/invalid format/)).toBeVisible();
  await expect(page.getByRole("button", { name: "Use this template", exact: true })).toBeDisabled();
  await accessible(page);
  await pictured(page, "template-error");
});

test("templates are searched by words, in the dark and on a phone, too", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto("/templates");
  await page.getByRole("textbox", { name: "Search" }).fill("postgres replicaton");
  await expect(page.getByRole("article").first()).toContainText(/postgres/i);
  await accessible(page);
  await pictured(page, "templates-phone-dark");
  await page.getByRole("textbox", { name: "Search" }).fill("zzzzqqqq");
  await expect(page.getByText("No template fits")).toBeVisible();
});

test("a template nobody has says so", async ({ page }) => {
  await page.goto("/templates/no-such-template");
  await expect(page.getByRole("alert").filter({ hasText: "no-such-template" })).toBeVisible();
});
