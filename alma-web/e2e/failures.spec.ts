/** What people see when the server, the network or something in between fails, and that it mends itself. */
import { accessible, faultsOf, pictured } from "./look";
import { Alma, expect, test as base } from "./server";

const AWAY = "The server can't be reached";

/** A server of one's own for each test: it is stopped and started. */
const test = base.extend<{ own: Alma }>({
  own: async ({}, use) => {
    const own = await Alma.started();
    await use(own);
    await own.end();
  },
});

test("a server that is away at the start is said to be, and the page goes on by itself", async ({
  page,
  alma,
}) => {
  await page.route("**/api/**", (route) => route.abort("connectionrefused"));
  await page.goto("/iprs");
  await expect(page.getByRole("alert")).toContainText(AWAY);
  await expect(page.getByRole("button", { name: "Try again" })).toBeVisible();
  await pictured(page, "failure-unreachable");
  await accessible(page);
  await page.unroute("**/api/**");
  await expect(page.getByRole("heading", { level: 1, name: "Requests" })).toBeVisible();
  expect(page.url()).toBe(`${alma.url}/iprs`);
});

test("a server that goes away and comes back leaves the page whole", async ({ page, own }) => {
  test.setTimeout(180_000); // it starts twice
  const faults = faultsOf(page);
  await own.blueprint({ name: "shop", version: "1.0", resources: [{ name: "web", type: "service" }] });
  await page.goto(`${own.url}/iprs`);
  await expect(page.getByRole("heading", { level: 1, name: "Requests" })).toBeVisible();
  await page.getByRole("link", { name: "Blueprints" }).click();
  await expect(page.getByText("shop").first()).toBeVisible();
  await own.stop({ kill: true });
  await page.getByRole("link", { name: "Requests" }).click();
  const told = page.getByRole("alert").or(page.getByRole("status")).first();
  await expect(told).toBeVisible({ timeout: 30_000 });
  await own.start();
  await own.blueprint({ name: "later", version: "1.0", resources: [{ name: "web", type: "service" }] });
  await page.getByRole("link", { name: "Blueprints" }).click();
  await expect(page.getByText("later").first()).toBeVisible();
  // That nobody was there is the browser's to say.
  expect(faults.filter((fault) => !/WebSocket|ERR_/.test(fault))).toEqual([]);
});

test("a page that is opened for the first time while the server is away says so, and comes by itself", async ({
  page,
  own,
}) => {
  test.setTimeout(180_000); // it starts twice
  await page.goto(`${own.url}/iprs`);
  await expect(page.getByRole("heading", { level: 1, name: "Requests" })).toBeVisible();
  await own.stop({ kill: true });
  await page.getByRole("link", { name: "Council" }).click();
  await expect(page.getByRole("alert")).toContainText(AWAY);
  await expect(page.getByRole("button", { name: "Try again" })).toBeVisible();
  await expect(page.getByText("This page broke")).toHaveCount(0);
  await pictured(page, "failure-not-fetched");
  await accessible(page);
  await own.start();
  await expect(page.getByRole("heading", { level: 1, name: "Council" })).toBeVisible({ timeout: 30_000 });
  expect(page.url()).toBe(`${own.url}/council`);
});

test("what could not be read is read as soon as the server is back", async ({ page, alma }) => {
  const path = "**/api/v1/iprs?*";
  const resources = [{ name: "web", type: "service" }];
  await alma.ipr(await alma.blueprint({ name: "unread", version: "1.0", resources }), "Not read at first");
  await page.goto("/blueprints");
  await expect(page.getByRole("heading", { level: 1, name: "Blueprints" })).toBeVisible();
  await page.route(path, (route) => route.abort("connectionrefused"));
  await page.getByRole("link", { name: "Requests" }).click();
  await expect(page.getByRole("alert")).toContainText(AWAY, { timeout: 30_000 });
  await expect(page.getByRole("alert")).toContainText("This page tries again by itself");
  await page.unroute(path);
  await expect(page.getByRole("alert")).toHaveCount(0, { timeout: 30_000 });
  await expect(page.getByRole("link", { name: "Not read at first" })).toBeVisible();
});

test("a browser that is offline says so instead of waiting", async ({ page, context }) => {
  await page.goto("/iprs");
  await expect(page.getByRole("heading", { level: 1, name: "Requests" })).toBeVisible();
  await page.getByRole("link", { name: "Blueprints" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Blueprints" })).toBeVisible();
  await context.setOffline(true);
  await page.getByRole("link", { name: "Requests" }).click();
  await page.getByText("Needs my review").click();
  await expect(page.getByRole("alert")).toContainText(AWAY, { timeout: 30_000 });
  await context.setOffline(false);
  // Depending on what the tests before have left.
  const answer = page
    .getByRole("table", { name: "Requests" })
    .or(page.getByText("Nothing waits for your word"));
  await expect(answer).toBeVisible({ timeout: 30_000 });
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
    await expect(page.getByRole("heading", { level: 1, name: "Requests" })).toBeVisible({ timeout: 30_000 });
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
    let failing = true;
    await page.route("**/api/v1/iprs?*", async (route) => {
      if (!failing) return route.continue();
      return route.fulfill(
        typeof body === "string"
          ? { status, body, contentType: "text/html" }
          : { status, json: body, headers: { "X-Request-ID": "request-1" } },
      );
    });
    await page.goto("/iprs");
    for (const text of says) await expect(page.getByText(text).first()).toBeVisible({ timeout: 30_000 });
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    expect(await page.evaluate(() => "broken" in window)).toBe(false);
    await pictured(page, `failure-${status}`);
    failing = false;
    await page.getByRole("button", { name: "Try again" }).first().click();
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
  await page.route("**/api/**", (route) => route.fulfill(refused));
  await page.getByRole("link", { name: "Blueprints" }).click();
  await expect(page.getByText("Your sign-in has ended.")).toBeVisible();
  await expect(page).toHaveURL(/\/blueprints$/);
});

test("a page that is gone after an update says how it is mended", async ({ page }) => {
  await page.goto("/iprs");
  await expect(page.getByRole("heading", { level: 1, name: "Requests" })).toBeVisible();
  await page.route("**/assets/*.js", (route) => route.fulfill({ status: 404 }));
  await page.getByRole("link", { name: "Council" }).click();
  await expect(page.getByText("This page broke")).toBeVisible();
  await page.unroute("**/assets/*.js");
  await page.getByRole("button", { name: "Load it again" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Council" })).toBeVisible();
});
