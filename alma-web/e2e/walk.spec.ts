import type { Page } from "@playwright/test";
import { accessible, faultsOf, loaded, pictured, widerThanTheScreen } from "./look";
import { expect, test } from "./server";
import { hostile, leadsSomewhere, MARKUP, plain, routes, type World } from "./world";

const SIZES = { desktop: { width: 1360, height: 850 }, phone: { width: 390, height: 844 } };

const LOOKS = [
  { scheme: "light", size: "desktop" },
  { scheme: "dark", size: "desktop" },
  { scheme: "dark", size: "phone" },
  { scheme: "light", size: "phone" },
] as const;

const softly = expect.configure({ soft: true });

let world: World;

// Each page is looked at four times over.
test.describe.configure({ timeout: 300_000 });

test.beforeAll(async ({ alma }) => {
  test.setTimeout(300_000);
  world = await plain(alma);
});

test("every route has an address to walk to", () => {
  expect(Object.keys(world.addresses).sort()).toEqual(routes().sort());
});

for (const route of routes()) {
  test(`${route} is whole, light and dark, on a desk and on a phone`, async ({ page }) => {
    const faults = faultsOf(page);
    await page.goto(world.addresses[route] ?? "/");
    await settled(page);
    for (const look of LOOKS) {
      await page.setViewportSize(SIZES[look.size]);
      await page.emulateMedia({ colorScheme: look.scheme });
      await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", look.scheme);
      await settled(page);
      await pictured(page, `${nameOf(route)}-${look.scheme}-${look.size}`);
      await test.step(`${look.scheme}, ${look.size}`, () => accessible(page));
      await softly.poll(() => widerThanTheScreen(page), `scrolls sideways: ${look.size}`).toBe(0);
    }
    await expect.poll(() => strayLinks(page), "links that lead nowhere").toEqual([]);
    expect(faults).toEqual([]);
  });
}

test.describe("what people wrote", () => {
  let strange: World;

  test.beforeAll(async ({ alma }) => {
    test.setTimeout(300_000);
    strange = await hostile(alma);
  });

  for (const route of routes()) {
    test(`is text on ${route}`, async ({ page }) => {
      const faults = faultsOf(page);
      await page.goto(strange.addresses[route] ?? "/");
      await settled(page);
      expect(await page.evaluate(() => "broken" in window)).toBe(false);
      await expect(page.locator("img[src=x], main script")).toHaveCount(0);
      for (const [size, viewport] of Object.entries(SIZES)) {
        await page.setViewportSize(viewport);
        await softly.poll(() => widerThanTheScreen(page), `scrolls sideways: ${size}`).toBe(0);
      }
      await pictured(page, `${nameOf(route)}-hostile-phone`);
      expect(faults).toEqual([]);
    });
  }

  test("is shown as it was written", async ({ page }) => {
    await page.goto("/iprs");
    await settled(page);
    await expect(page.getByText(MARKUP).first()).toBeVisible();
  });
});

/** Everything that the page waits for is there. */
async function settled(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 }).first()).toBeVisible();
  await loaded(page);
}

async function strayLinks(page: Page): Promise<string[]> {
  const paths = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLAnchorElement>("a[href]")]
      .map(({ href }) => new URL(href))
      .filter(({ origin }) => origin === location.origin)
      .map(({ pathname }) => pathname),
  );
  // What the server itself answers.
  const others = /^\/(docs|redoc|openapi\.json|graphql|metrics|health|api)(\/|$)/;
  return paths.filter((path) => !others.test(path) && !leadsSomewhere(path));
}

function nameOf(route: string): string {
  return route === "/" ? "conversation" : route.slice(1).replaceAll(/[/:]+/g, "-");
}
