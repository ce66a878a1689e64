/** What people see when the server, the network or something in between fails, and that it mends itself. */
import type { Page } from "@playwright/test";
import { accessible, faultsOf, pictured } from "./look";
import { Alma, expect, GRACE_MS, STARTS_MS, test as base } from "./server";

const AWAY = "The server can't be reached";

/** A server of one's own for each test: it is stopped and started. */
const test = base.extend<{ own: Alma }>({
  own: [
    async ({}, use) => {
      const own = await Alma.started();
      await use(own);
      await own.end();
    },
    { timeout: STARTS_MS + GRACE_MS },
  ],
});

/** What is told in the page's place, or above what is there; a toast may stand beside it. */
const told = (page: Page, text: string) => page.getByRole("alert").filter({ hasText: text }).first();
const nav = (page: Page, name: string) =>
  page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name, exact: true });

test("a server that is away at the start is said to be, and the page goes on by itself", async ({
  page,
  alma,
}) => {
  await page.route("**/api/**", (route) => route.abort("connectionrefused"));
  await page.goto("/iprs");
  await expect(told(page, AWAY)).toBeVisible();
  await expect(page.getByRole("button", { name: "Try again", exact: true })).toBeVisible();
  await pictured(page, "failure-unreachable");
  await accessible(page);
  await page.unroute("**/api/**");
  await expect(page.getByRole("heading", { level: 1, name: "Requests" })).toBeVisible();
  expect(page.url()).toBe(`${alma.url}/iprs`);
});

test("a server that goes away and comes back leaves the page whole", async ({ page, own }) => {
  test.setTimeout(360_000); // it starts twice
  const faults = faultsOf(page);
  await own.blueprint({ name: "shop", version: "1.0", resources: [{ name: "web", type: "service" }] });
  await page.goto(`${own.url}/iprs`);
  await expect(page.getByRole("heading", { level: 1, name: "Requests" })).toBeVisible();
  await nav(page, "Blueprints").click();
  await expect(page.getByRole("link", { name: "shop", exact: true })).toBeVisible();
  await own.stop({ kill: true });
  await nav(page, "Requests").click();
  await expect(page.getByRole("alert").or(page.getByRole("status")).first()).toBeVisible();
  await own.start();
  await own.blueprint({ name: "later", version: "1.0", resources: [{ name: "web", type: "service" }] });
  await nav(page, "Blueprints").click();
  await expect(page.getByRole("link", { name: "later", exact: true })).toBeVisible();
  // That nobody was there is the browser's to say.
  expect(faults.filter((fault) => !/WebSocket|ERR_/.test(fault))).toEqual([]);
});

test("a page that is opened for the first time while the server is away says so, and comes by itself", async ({
  page,
  own,
}) => {
  test.setTimeout(360_000); // it starts twice
  await page.goto(`${own.url}/iprs`);
  await expect(page.getByRole("heading", { level: 1, name: "Requests" })).toBeVisible();
  await own.stop({ kill: true });
  await nav(page, "Council").click();
  await expect(told(page, AWAY)).toBeVisible();
  await expect(page.getByRole("button", { name: "Try again", exact: true })).toBeVisible();
  await expect(page.getByText("This page broke")).toHaveCount(0);
  await pictured(page, "failure-not-fetched");
  await accessible(page);
  await own.start();
  await expect(page.getByRole("heading", { level: 1, name: "Council" })).toBeVisible({ timeout: 60_000 });
  expect(page.url()).toBe(`${own.url}/council`);
});

test("what could not be read is read as soon as the server is back", async ({ page, alma }) => {
  const path = "**/api/v1/iprs?*";
  const resources = [{ name: "web", type: "service" }];
  await alma.ipr(await alma.blueprint({ name: "unread", version: "1.0", resources }), "Not read at first");
  await page.goto("/blueprints");
  await expect(page.getByRole("heading", { level: 1, name: "Blueprints" })).toBeVisible();
  await page.route(path, (route) => route.abort("connectionrefused"));
  await nav(page, "Requests").click();
  await expect(told(page, AWAY)).toContainText("This page tries again by itself", { timeout: 60_000 });
  await page.unroute(path);
  await expect(page.getByRole("alert")).toHaveCount(0, { timeout: 60_000 });
  await expect(page.getByRole("link", { name: "Not read at first" })).toBeVisible();
});

test("a browser that is offline says so instead of waiting", async ({ page, context }) => {
  await page.goto("/iprs");
  await expect(page.getByRole("heading", { level: 1, name: "Requests" })).toBeVisible();
  await nav(page, "Blueprints").click();
  await expect(page.getByRole("heading", { level: 1, name: "Blueprints" })).toBeVisible();
  await context.setOffline(true);
  await nav(page, "Requests").click();
  await page
    .getByRole("radiogroup", { name: "Whose requests" })
    .getByText("Needs my review", { exact: true })
    .click();
  await expect(told(page, AWAY)).toBeVisible({ timeout: 60_000 });
  await context.setOffline(false);
  // Depending on what the tests before have left.
  const answer = page
    .getByRole("table", { name: "Requests" })
    .or(page.getByText("Nothing waits for your word"));
  await expect(answer).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole("alert")).toHaveCount(0);
});

for (const files of ["**/assets/index-*.js", "**/assets/index-*.css"]) {
  test(`a page whose own ${files.split(".").at(-1) ?? ""} did not come says so, and comes by itself`, async ({
    page,
  }) => {
    await page.route(files, (route) => route.abort("connectionreset"));
    await page.route("**/health/live", (route) => route.abort("connectionrefused"));
    await page.goto("/iprs", { waitUntil: "commit" });
    await expect(page.getByText(AWAY)).toBeVisible();
    await page.unroute(files);
    await page.unroute("**/health/live");
    await expect(page.getByRole("heading", { level: 1, name: "Requests" })).toBeVisible({ timeout: 60_000 });
    await expect(page.getByText(AWAY)).toHaveCount(0);
  });
}

const REFUSALS = [
  {
    status: 403,
    body: { detail: "You may not read requests", code: "forbidden", hint: "Ask for the role viewer" },
    says: ["You may not read requests", "Ask for the role viewer"],
  },
  {
    status: 500,
    body: { detail: "Something went wrong here", code: "internal_error", hint: null },
    says: ["Something went wrong here"],
  },
  { status: 502, body: "<html><body><h1>Bad Gateway</h1></body></html>", says: ["had no answer"] },
  { status: 418, body: "<script>window.broken = 1</script>", says: ["The server answered 418"] },
];

for (const { status, body, says } of REFUSALS) {
  test(`${status} on a page is told, and tried again by hand`, async ({ page }) => {
    // It asks by itself, too: that is refused until somebody has asked by hand.
    await page.addInitScript(() =>
      window.addEventListener("click", () => document.documentElement.setAttribute("data-clicked", ""), true),
    );
    await page.route("**/api/v1/iprs?*", async (route) => {
      if ((await page.locator("html[data-clicked]").count()) > 0) return route.continue();
      return route.fulfill(
        typeof body === "string"
          ? { status, body, contentType: "text/html" }
          : { status, json: body, headers: { "X-Request-ID": "request-1" } },
      );
    });
    await page.goto("/iprs");
    for (const text of says) await expect(page.getByText(text).first()).toBeVisible({ timeout: 60_000 });
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    expect(await page.evaluate(() => "broken" in window)).toBe(false);
    await pictured(page, `failure-${status}`);
    await page.getByRole("button", { name: "Try again", exact: true }).first().click();
    await expect(page.getByText(says[0] ?? "").first()).toBeHidden();
  });
}

test("what is asked for too often is asked again when the server says", async ({ page }) => {
  let asked = 0;
  await page.route("**/api/v1/iprs?*", async (route) => {
    asked += 1;
    if (asked > 1) return route.continue();
    return route.fulfill({
      status: 429,
      json: { detail: "Too many requests", code: "rate_limited" },
      headers: { "Retry-After": "1" },
    });
  });
  await page.goto("/iprs");
  await expect.poll(() => asked).toBeGreaterThan(1);
  await expect(page.getByLabel("Loading")).toHaveCount(0);
  await expect(page.getByText("Too many requests")).toHaveCount(0);
});

test("a slow answer is waited for, and said to be", async ({ page }) => {
  let answer: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (answer = resolve));
  await page.route("**/api/v1/iprs?*", async (route) => {
    await asked;
    await route.continue();
  });
  await page.goto("/iprs");
  await expect(page.getByLabel("Loading").first()).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "Requests" })).toBeVisible();
  answer();
  await expect(page.getByLabel("Loading")).toHaveCount(0);
});

test("a sign-in that ends meanwhile leads to the sign-in, and leaves the address", async ({ page }) => {
  await page.goto("/iprs");
  await expect(page.getByRole("heading", { level: 1, name: "Requests" })).toBeVisible();
  const refused = { status: 401, json: { detail: "Your token has ended", code: "unauthenticated" } };
  // Only from there on: what is asked now and then meanwhile would end it where one is.
  for (const path of ["**/api/v1/blueprints?*", "**/api/v1/auth/**"]) {
    await page.route(path, (route) => route.fulfill(refused));
  }
  await nav(page, "Blueprints").click();
  await expect(page.getByText("This server asks everybody to sign in now.", { exact: true })).toBeVisible();
  await expect(page).toHaveURL(/\/blueprints$/);
});

test("a page that is gone after an update says how it is mended", async ({ page }) => {
  await page.goto("/iprs");
  await expect(page.getByRole("heading", { level: 1, name: "Requests" })).toBeVisible();
  // Only this page's: what is around it may still be on its way.
  await page.route("**/assets/CouncilPage-*.js", (route) => route.fulfill({ status: 404 }));
  await nav(page, "Council").click();
  await expect(page.getByText("This page broke")).toBeVisible();
  await page.unroute("**/assets/CouncilPage-*.js");
  await page.getByRole("button", { name: "Load it again", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Council" })).toBeVisible();
});
