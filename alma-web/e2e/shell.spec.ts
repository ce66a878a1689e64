import { accessible, faultsOf, pictured } from "./look";
import { expect, test } from "./server";

test("pages are reached by the navigation and by the keyboard", async ({ page }) => {
  const faults = faultsOf(page);
  await page.goto("/");
  await page.getByRole("link", { name: "Templates" }).click();
  await expect(page).toHaveURL(/\/templates$/);
  await page.keyboard.press("Control+k");
  await page.getByRole("textbox", { name: "Go to" }).fill("review");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/iprs$/);
  expect(faults).toEqual([]);
});

test("an address nobody has says so", async ({ page }) => {
  await page.goto("/no/such/page");
  await expect(page.getByText("There is no page at this address")).toBeVisible();
  await accessible(page);
});

test("the navigation fits a phone", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto("/");
  await expect(page.getByRole("link", { name: "Templates" })).toBeHidden();
  await page.getByRole("button", { name: "Open the navigation" }).click();
  await page.getByRole("link", { name: "Templates" }).click();
  await expect(page).toHaveURL(/\/templates$/);
  await pictured(page, "phone-templates");
});
