import { accessible, faultsOf, pictured } from "./look";
import { expect, test } from "./server";

test("pages are reached by the navigation and by the keyboard", async ({ page }) => {
  const faults = faultsOf(page);
  await page.goto("/");
  await page.getByRole("link", { name: "Templates", exact: true }).click();
  await expect(page).toHaveURL(/\/templates$/);
  const palette = page.getByRole("textbox", { name: "Go to", exact: true });
  // It is fetched after the page: until then the keys do nothing.
  await expect(async () => {
    await page.keyboard.press("Control+k");
    await expect(palette).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await palette.fill("review");
  await expect(page.locator(".mantine-Spotlight-action[data-selected]")).toHaveText("Requests");
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
  await expect(page.getByRole("link", { name: "Templates", exact: true })).toBeHidden();
  await page.getByRole("button", { name: "Open the navigation", exact: true }).click();
  await page.getByRole("link", { name: "Templates", exact: true }).click();
  await expect(page).toHaveURL(/\/templates$/);
  await pictured(page, "phone-templates");
});
