/** The pictures in README and docs, made of the real thing: `npm run pictures`, after `make web`. */
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { expect, test } from "./server";
import { plain, type World } from "./world";

const INTO = join(import.meta.dirname, "..", "..", "docs", "images");

test.skip(process.env.ALMA_PICTURES === undefined, "asked for by npm run pictures");
test.use({ viewport: { width: 1280, height: 800 } });

let world: World;

test.beforeAll(async ({ alma }) => {
  world = await plain(alma);
});

test("a conversation", async ({ page }) => {
  await page.goto(world.addresses["/conversations/:id"] ?? "/");
  await expect(page.locator(".react-flow__node").first()).toBeVisible();
  await taken(page, "dashboard-conversation");
});

test("a request", async ({ page }) => {
  await page.goto(world.addresses["/iprs/:id"] ?? "/");
  await taken(page, "dashboard-request");
});

test.describe("in the dark", () => {
  test.use({ colorScheme: "dark" });

  test("a deployment", async ({ page }) => {
    await page.goto(world.addresses["/deployments/:id"] ?? "/");
    await taken(page, "dashboard-deployment");
  });
});

async function taken(page: Page, name: string): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 }).first()).toBeVisible();
  await expect(page.locator("[aria-busy=true], [aria-label=Loading]")).toHaveCount(0);
  await page.screenshot({ path: join(INTO, `${name}.png`), animations: "disabled" });
}
