import type { Page } from "@playwright/test";
import { accessible, faultsOf, fits, pictured } from "./look";
import { Alma, expect, test } from "./server";

const SHOP = {
  name: "shop",
  metadata: { environment: "production" },
  resources: [
    { name: "web", type: "vm", engine: "nginx", count: 2, depends_on: ["db"] },
    { name: "lb", type: "load_balancer", backends: ["web"] },
    { name: "db", type: "database", engine: "postgresql", specs: { memory: "4GB" } },
  ],
};

/** So many changes are drawn at first, and four times as many more whenever somebody asks. */
const PAGE = 25;

const decision = (page: Page) => page.getByRole("complementary", { name: "Decision" });
/** The request's state; its title may have the same word. */
const state = (page: Page, name: string) =>
  page.getByRole("region", { name: "Facts" }).getByText(name, { exact: true });

async function asked(alma: Alma, document: object, title: string): Promise<[number, number]> {
  const blueprint = await alma.blueprint(document);
  return [await alma.ipr(blueprint, title), blueprint];
}

test("a request is looked at, approved and deployed", async ({ page, alma }) => {
  const faults = faultsOf(page);
  const [ipr] = await asked(alma, { ...SHOP, name: "shop-a" }, "Open the shop");
  await page.goto("/iprs?turn=review");
  await pictured(page, "requests");
  await page.getByRole("link", { name: "Open the shop", exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`/iprs/${ipr}$`));
  await expect(page.getByRole("heading", { name: "Open the shop", exact: true })).toBeVisible();
  await expect(state(page, "pending")).toBeVisible();

  await page
    .getByRole("region", { name: "Changes" })
    .getByRole("button", { name: /create db database/ })
    .click();
  await expect(page.getByRole("table", { name: "What it shall be" })).toContainText("postgres");
  await expect(page.getByRole("region", { name: "Graph of shop-a" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Council" })).toContainText("FinOps");
  await expect(page.getByRole("region", { name: "Order and going back" })).toContainText("removed again");
  await expect(page.getByRole("table", { name: "Cost a month, line by line" })).toContainText("db");
  await pictured(page, "request");
  await accessible(page);

  await decision(page).getByRole("button", { name: "Approve", exact: true }).click();
  await expect(state(page, "approved")).toBeVisible();
  await decision(page).getByRole("button", { name: "Deploy", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Deploy", exact: true });
  await dialog.getByRole("button", { name: "Dry run", exact: true }).click();
  await expect(dialog.getByText("Exactly this plan would run now")).toBeVisible();
  await pictured(page, "request-deploy");
  await dialog.getByRole("button", { name: "Deploy now", exact: true }).click();
  await expect(page).toHaveURL(/\/deployments\//);
  await page.goto(`/iprs/${ipr}`);
  await expect(state(page, "deployed")).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole("region", { name: "Deployment", exact: true })).toContainText("succeeded");
  await expect(page.getByRole("log", { name: "The end of its log" })).toBeVisible();
  expect(faults).toEqual([]);
});

test("a request is rejected with a comment, which says why", async ({ page, alma }) => {
  const [ipr] = await asked(alma, { ...SHOP, name: "shop-b" }, "Too big");
  await page.goto(`/iprs/${ipr}`);
  const reject = decision(page).getByRole("button", { name: "Reject", exact: true });
  await expect(reject).toBeDisabled();
  await decision(page).getByRole("textbox", { name: "Comment" }).fill("half of it is enough");
  await reject.click();
  await expect(state(page, "rejected")).toBeVisible();
  await expect(page.getByRole("region", { name: "Reviews" })).toContainText("half of it is enough");
  await expect(decision(page).getByRole("button")).toHaveCount(0);
  await page.goto("/iprs?state=rejected");
  await expect(page.getByRole("link", { name: "Too big", exact: true })).toBeVisible();
});

test("what destroys comes first, and is not approved by the way", async ({ page, alma }) => {
  const [first, blueprint] = await asked(alma, { ...SHOP, name: "shop-c" }, "Open");
  await alma.deployed(first);
  await alma.call("PUT", `/blueprints/${blueprint}`, {
    ...SHOP,
    name: "shop-c",
    resources: [{ ...SHOP.resources[0], depends_on: [], count: 1 }],
  });
  const ipr = await alma.ipr(blueprint, "Smaller");
  await page.goto("/iprs");
  await expect(page.getByRole("row", { name: /Smaller/ })).toContainText(/destroys \d/);
  await page.goto(`/iprs/${ipr}`);
  await expect(page.getByText(/Data or a running service goes away: \d/)).toBeVisible();
  const approve = decision(page).getByRole("button", { name: /Approve/ });
  await expect(approve).toBeDisabled();
  await pictured(page, "request-destructive");
  await accessible(page);
  await decision(page)
    .getByRole("checkbox", { name: /I have looked at what goes away/ })
    .check();
  await approve.click();
  await expect(state(page, "approved")).toBeVisible();
});

test("an overtaken screen is told, and decides nothing before it was looked at again", async ({
  page,
  alma,
}) => {
  const [ipr, blueprint] = await asked(alma, { ...SHOP, name: "shop-d" }, "Overtaken");
  await page.goto(`/iprs/${ipr}`);
  await expect(decision(page).getByRole("button", { name: "Approve", exact: true })).toBeEnabled();
  await alma.call("PUT", `/blueprints/${blueprint}`, {
    ...SHOP,
    name: "shop-d",
    resources: [...SHOP.resources, { name: "cache", type: "cache", engine: "redis" }],
  });
  await alma.call("POST", `/iprs/${ipr}/replan`, {});
  const told = page.getByRole("alert", { name: "This request changed while you looked at it" });
  await expect(told).toContainText("cache: create, which was not planned before");
  await expect(decision(page).getByRole("button", { name: "Approve", exact: true })).toBeDisabled();
  await pictured(page, "request-overtaken");
  await page.getByRole("button", { name: "I have seen it", exact: true }).click();
  await decision(page).getByRole("button", { name: "Approve", exact: true }).click();
  await expect(state(page, "approved")).toBeVisible();
});

test("a plan that the world overtook is not deployed: what moved is told, and it is planned again", async ({
  page,
  alma,
}) => {
  const [first, blueprint] = await asked(alma, { ...SHOP, name: "shop-e" }, "First");
  const second = await alma.ipr(blueprint, "The same again");
  await alma.call("POST", `/iprs/${second}/review`, { action: "approve" });
  await page.goto(`/iprs/${second}`);
  await alma.deployed(first);
  await decision(page).getByRole("button", { name: "Deploy", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Deploy", exact: true });
  await dialog.getByRole("button", { name: "Deploy now", exact: true }).click();
  await expect(dialog.getByRole("alert")).toContainText("the plan is not the one that was approved");
  await pictured(page, "request-stale");
  await dialog.getByRole("button", { name: "Replan", exact: true }).click();
  const replan = page.getByRole("dialog", { name: "Replan", exact: true });
  await replan.getByRole("button", { name: "Replan now", exact: true }).click();
  await expect(replan).toContainText("The plan is another one");
  await replan.getByRole("button", { name: "Close", exact: true }).filter({ hasText: "Close" }).click();
  await expect(page.getByRole("region", { name: "Changes" })).toContainText("Nothing would change");
});

test("words are edited, and a request is withdrawn", async ({ page, alma }) => {
  const [ipr] = await asked(alma, { ...SHOP, name: "shop-f" }, "Tiping error");
  await page.goto(`/iprs/${ipr}`);
  await decision(page).getByRole("button", { name: "Edit words", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Edit words" });
  await dialog.getByRole("textbox", { name: "Title" }).fill("Typing error");
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Typing error", exact: true })).toBeVisible();
  await decision(page).getByRole("button", { name: "Withdraw", exact: true }).click();
  await page
    .getByRole("dialog", { name: "Withdraw this request?" })
    .getByRole("button", { name: "Withdraw", exact: true })
    .click();
  await expect(state(page, "cancelled")).toBeVisible();
});

test("a broken rule is waived from its finding", async ({ page, alma }) => {
  const [ipr] = await asked(alma, { ...SHOP, name: "shop-g" }, "To be waived");
  await page.goto(`/iprs/${ipr}`);
  await page
    .getByRole("button", { name: /^Waive / })
    .first()
    .click();
  const dialog = page.getByRole("dialog", { name: /^Waive / });
  await dialog.getByRole("textbox", { name: "Reason" }).fill("moves in spring");
  await dialog.getByLabel("Last day on which it holds").fill("2099-01-31");
  await dialog.getByRole("button", { name: "Waive", exact: true }).click();
  await expect(dialog).toContainText("Waived until 2099-01-31");
  await accessible(page);
  const { items } = await alma.call<{ items: { reason: string }[] }>("GET", "/policies/waivers?limit=10");
  expect(items.map(({ reason }) => reason)).toContain("moves in spring");
});

test("a citation leads to the change that it is about", async ({ page, alma }) => {
  const [ipr] = await asked(alma, { ...SHOP, name: "shop-h" }, "Cited");
  await page.goto(`/iprs/${ipr}`);
  await page
    .getByRole("region", { name: "Findings" })
    .getByRole("button", { name: /^resources\.db\./ })
    .first()
    .click();
  const change = page.getByRole("button", { name: /create db database/ });
  await expect(change).toHaveAttribute("aria-expanded", "true");
  await expect(change).toBeInViewport();
});

test("a thousand changes stay usable", async ({ page, alma }) => {
  test.setTimeout(300_000);
  const [ipr] = await asked(
    alma,
    { name: "many", resources: [{ name: "node", type: "container", image: "nginx:1.27", count: 1000 }] },
    "Many",
  );
  await page.goto(`/iprs/${ipr}`);
  const changes = page.getByRole("region", { name: "Changes" });
  await expect(changes.getByRole("status")).toHaveText(/^1,00\d changes$/);
  // What is not drawn costs nothing, however slow the machine: of a thousand only a page is.
  const drawn = changes.getByRole("button", { name: /create / });
  await expect(drawn).toHaveCount(PAGE);
  await changes.getByRole("textbox", { name: "Search the changes" }).fill("node-977");
  await expect(changes.getByRole("button", { name: /create node-977/ })).toBeVisible();
  await expect(changes.getByRole("status")).toHaveText(/^1 of 1,00\d changes$/);
  await expect(drawn).toHaveCount(1);
  await changes.getByRole("textbox", { name: "Search the changes" }).fill("");
  await expect(drawn).toHaveCount(PAGE);
  await changes.getByRole("button", { name: /Show more of 1,00\d/ }).click();
  await expect(drawn).toHaveCount(5 * PAGE);
  await pictured(page, "request-many");
});

test("hostile and endless words stay words", async ({ page, alma }) => {
  const faults = faultsOf(page);
  const title = `<img src=x onerror="alert(1)"> ${"long".repeat(40)}`;
  const [ipr] = await asked(alma, { ...SHOP, name: "<script>alert(2)</script>" }, title.slice(0, 200));
  await alma.call("PUT", `/iprs/${ipr}`, { description: "javascript:alert(3) </textarea><b>x</b>" });
  await page.goto(`/iprs/${ipr}`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText('<img src=x onerror="alert(1)">');
  await expect(page.getByText("javascript:alert(3) </textarea><b>x</b>")).toBeVisible();
  await page.setViewportSize({ width: 390, height: 844 });
  await fits(page);
  await pictured(page, "phone-request");
  await page.goto("/iprs");
  await expect(page.getByRole("table", { name: "Requests" })).toContainText("<img src=x");
  await fits(page);
  await pictured(page, "phone-requests");
  expect(faults).toEqual([]);
});

test("on a phone the decision is in reach wherever one reads", async ({ page, alma }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const [ipr] = await asked(alma, { ...SHOP, name: "shop-p" }, "On the way");
  await page.goto(`/iprs/${ipr}`);
  await expect(page.getByRole("region", { name: "Order and going back" })).toContainText("removed again");
  const decide = decision(page).getByRole("button", { name: "Decide", exact: true });
  await expect(decide).toBeInViewport({ ratio: 1 });
  await pictured(page, "phone-request-bar");
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
  await expect(decide).toBeInViewport({ ratio: 1 });
  await accessible(page);
  await decide.click();
  const dialog = page.getByRole("dialog", { name: "Your decision" });
  await dialog.getByRole("textbox", { name: "Comment" }).fill("from the train");
  await pictured(page, "phone-request-decide");
  await accessible(page);
  // What was written is not lost by another look at the plan.
  await dialog.getByRole("button", { name: "Close", exact: true }).click();
  await expect(dialog).toBeHidden();
  await decide.click();
  await expect(dialog.getByRole("textbox", { name: "Comment" })).toHaveValue("from the train");
  await dialog.getByRole("button", { name: "Approve", exact: true }).click();
  const ready = page.getByRole("dialog", { name: "Ready to deploy" });
  await expect(ready.getByText(/1 approval: given by/)).toBeVisible();
  await ready.getByRole("button", { name: "Deploy", exact: true }).click();
  await page
    .getByRole("dialog", { name: "Deploy", exact: true })
    .getByRole("button", { name: "Deploy now", exact: true })
    .click();
  await expect(page).toHaveURL(/\/deployments\//);
});

test("no word of the decision is cut on a small screen", async ({ page, alma }) => {
  const [ipr] = await asked(alma, { ...SHOP, name: "shop-n" }, "Narrow");
  for (const width of [1280, 1024]) {
    await page.setViewportSize({ width, height: 800 });
    await page.goto(`/iprs/${ipr}`);
    await expect(decision(page).getByRole("button", { name: "Request changes", exact: true })).toBeVisible();
    const cut = () =>
      decision(page)
        .locator(".mantine-Button-label")
        .evaluateAll((labels) =>
          labels.filter((label) => label.scrollWidth > label.clientWidth).map((label) => label.textContent),
        );
    await expect.poll(cut).toEqual([]);
    await pictured(page, `request-${width}`);
  }
});

test("in the dark it can be read as well", async ({ page, alma }) => {
  await page.emulateMedia({ colorScheme: "dark" });
  const [ipr] = await asked(alma, { ...SHOP, name: "shop-i" }, "In the dark");
  await page.goto(`/iprs/${ipr}`);
  await expect(page.getByRole("region", { name: "Order and going back" })).toContainText("removed again");
  await pictured(page, "request-dark");
  await accessible(page);
});

test("where nobody is, it teaches; where nothing is found, it says so", async ({ page }) => {
  await page.goto("/iprs?state=cancelled&turn=review");
  await expect(page.getByText("Nothing waits for your word")).toBeVisible();
  await accessible(page);
  await page.goto("/iprs/99999");
  await expect(page.getByRole("alert").filter({ hasText: "99999" })).toBeVisible();
  await page.goto("/iprs/none");
  await expect(page.getByRole("alert").filter({ hasText: "There is no request 'none'" })).toBeVisible();
});
