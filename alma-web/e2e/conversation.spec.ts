import type { Page } from "@playwright/test";
import { accessible, faultsOf, fits, pictured } from "./look";
import { Alma, expect, test } from "./server";
import { SlowModel } from "./slowModel";

const SENTENCE = "2 web servers with nginx, a postgres database and a redis cache for production";

async function say(page: Page, message: string): Promise<void> {
  const box = page.getByRole("textbox", { name: "Message" });
  await box.fill(message);
  // While an answer is still coming, nothing more is sent.
  await expect(page.getByRole("button", { name: "Send", exact: true })).toBeEnabled();
  await box.press("Enter");
}

const answers = (page: Page) => page.getByRole("log", { name: "What was said" });
const graph = (page: Page) => page.getByRole("region", { name: /Graph of/ });
const card = (page: Page, name: string) => graph(page).getByRole("group", { name: new RegExp(`^${name},`) });

test("a sentence becomes a blueprint, is changed, approved and deployed to the end", async ({ page }) => {
  const faults = faultsOf(page);
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "What do you want to run?" })).toBeVisible();
  await accessible(page);
  await pictured(page, "conversation-empty");

  await page.getByRole("button", { name: SENTENCE }).click();
  await expect(page).toHaveURL(/\/conversations\/web-/);
  await expect(answers(page)).toContainText("The draft is called web-app");
  await expect(card(page, "web-1")).toBeVisible();
  await expect(card(page, "db-1")).toContainText("new");
  await expect(
    page
      .getByRole("region", { name: "Blueprint", exact: true })
      .getByText(/a month$/)
      .first(),
  ).toBeVisible();

  await card(page, "web-1").click();
  const fields = page.getByRole("table", { name: "Fields of web-1" });
  await expect(fields.getByRole("row", { name: /specs.memory 4GB default/ })).toBeVisible();
  await accessible(page);
  await pictured(page, "conversation-draft");

  await say(page, "give the database 16GB of memory");
  await expect(answers(page)).toContainText("memory of db-1 to 16GB");
  await expect(card(page, "db-1")).toContainText("changed");
  await expect(card(page, "web-1")).not.toContainText("new");

  await page.getByRole("button", { name: "Open a request for its deployment" }).click();
  const request = page.getByRole("region", { name: /^Request \d+$/ });
  await expect(request.getByText("pending", { exact: true })).toBeVisible();
  await request.getByRole("button", { name: "Show the plan" }).click();
  await expect(request.getByRole("button", { name: /create web-1/ })).toBeVisible();
  await request.getByRole("button", { name: "Hide the plan" }).click();
  await accessible(page);
  await pictured(page, "conversation-request");
  await request.getByRole("button", { name: "Approve", exact: true }).click();
  await request.getByRole("button", { name: "Deploy", exact: true }).click();
  await expect(request.getByText("succeeded", { exact: true })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole("region", { name: "What runs" })).toContainText("deployed");
  await pictured(page, "conversation-deployed");
  expect(faults).toEqual([]);
});

test("words approve and deploy as the buttons do, and take a change back", async ({ page }) => {
  await page.goto("/");
  await say(page, "one nginx server called kiosk");
  await expect(card(page, "kiosk")).toBeVisible();
  await say(page, "add a redis cache");
  await expect(card(page, "cache-1")).toContainText("new");
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await expect(answers(page)).toContainText("is as it was before the last change");
  await expect(card(page, "cache-1")).toBeHidden();

  await page.getByRole("tab", { name: "Cost", exact: true }).click();
  await expect(page.getByRole("table", { name: "Cost a month, line by line" })).toContainText("kiosk");
  await page.getByRole("tab", { name: /Findings/ }).click();
  await expect(page.getByText(/Score \d+/)).toBeVisible();

  await say(page, "deploy it");
  await expect(answers(page)).toContainText("waits for approval");
  await say(page, "approve");
  await expect(answers(page)).toContainText("is approved");
  await say(page, "deploy it");
  const request = page.getByRole("region", { name: /^Request \d+$/ });
  await expect(request.getByText("succeeded", { exact: true })).toBeVisible({ timeout: 60_000 });
  await page.reload();
  await expect(answers(page)).toContainText("one nginx server called kiosk");
  await expect(request.getByText("succeeded", { exact: true })).toBeVisible();
  await expect(card(page, "kiosk")).toBeVisible();
});

test("an answer is stopped, and one that is cut off goes on when the server is back", async ({ page }) => {
  test.setTimeout(360_000); // it starts twice
  const model = await SlowModel.started();
  const alma = await Alma.started(model.environment);
  try {
    await page.goto(alma.url);
    await say(page, "one nginx server called shop");
    await page.getByRole("button", { name: "Stop the answer", exact: true }).click();
    await expect(answers(page)).toContainText("Stopped.");
    await expect(page.getByRole("button", { name: "Send", exact: true })).toBeVisible();

    await page.goto(alma.url);
    await say(page, "one nginx server called forge");
    await expect(page.getByRole("button", { name: "Stop the answer", exact: true })).toBeVisible();
    // It is heard: before that, nothing would be there to go on with.
    await expect(answers(page).getByRole("status")).toContainText(/reading|model|understood/i);
    await alma.stop({ kill: true });
    await expect(answers(page)).toContainText("The connection was lost");
    model.refuse();
    await alma.start();
    await expect(answers(page)).toContainText("nginx virtual machine (forge)", { timeout: 60_000 });
    await expect(card(page, "forge")).toBeVisible();
  } finally {
    model.end();
    await alma.end();
  }
});

test("what people type is text, whatever it is", async ({ page }) => {
  const faults = faultsOf(page);
  const hostile = "<img src=x onerror=window.broken=1> <b>bold</b> \u202Eمرحبا 🐘 {{7*7}}";
  await page.goto("/");
  await say(page, hostile);
  await expect(answers(page).getByText(hostile)).toBeVisible();
  await expect(page.getByRole("button", { name: "Send", exact: true })).toBeVisible();
  const long = "x".repeat(5_000);
  await say(page, long);
  await expect(answers(page).getByText(long)).toBeAttached();
  await expect(page.getByRole("button", { name: "Show all of it" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Send", exact: true })).toBeVisible();
  await expect(answers(page).locator("img, b")).toHaveCount(0);
  expect(await page.evaluate(() => "broken" in window)).toBe(false);
  await fits(page);
  expect(faults).toEqual([]);
});

test("what was typed is kept, and a line breaks without sending", async ({ page }) => {
  await page.goto("/");
  const box = page.getByRole("textbox", { name: "Message" });
  await box.fill("a kubernetes");
  await box.press("Shift+Enter");
  await box.pressSequentially("cluster");
  await page.getByRole("link", { name: "Templates", exact: true }).click();
  await expect(page).toHaveURL(/\/templates$/);
  await page.getByRole("link", { name: "Conversation", exact: true }).click();
  await expect(box).toHaveValue("a kubernetes\ncluster");
  await page.reload();
  await expect(box).toHaveValue("a kubernetes\ncluster");
});

test("what is refused says why, and can be said again", async ({ page }) => {
  await page.goto("/");
  await page.route("**/chat-stream", (route) =>
    route.fulfill({
      status: 429,
      headers: { "Retry-After": "7" },
      json: { detail: "Too many requests", hint: "wait a little", code: "rate_limited" },
    }),
  );
  await say(page, "a redis cache");
  await expect(answers(page).getByRole("alert").filter({ hasText: "wait a little" })).toBeVisible();
  await page.unroute("**/chat-stream");
  await page.getByRole("button", { name: "Say it again", exact: true }).click();
  await expect(card(page, "cache-1")).toBeVisible();
  await expect(page.getByRole("article")).toHaveCount(1);
});

test("conversations are found, renamed and forgotten", async ({ page, alma }) => {
  for (const [id, message] of [
    ["list-a", "one nginx server called apple"],
    ["list-b", "one nginx server called banana"],
  ]) {
    await alma.call("POST", "/conversation/chat", { message, context: { conversation_id: id } });
  }
  await page.goto("/conversations/list-a");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("apple");
  await page.getByRole("button", { name: "Conversations", exact: true }).click();
  const list = page.getByRole("dialog", { name: "Conversations" });
  await list.getByRole("textbox", { name: "Search the titles" }).fill("banana");
  await expect(list.getByRole("link")).toHaveCount(1);
  await accessible(page);
  await pictured(page, "conversation-list");
  await list.getByRole("textbox", { name: "Search the titles" }).fill("called a");
  await list.getByRole("button", { name: /^More of .*apple/ }).click();
  await page.getByRole("menuitem", { name: "Rename", exact: true }).click();
  const rename = page.getByRole("dialog", { name: "Rename the conversation" });
  await rename.getByRole("textbox", { name: "Title" }).fill("The fruit shop");
  await rename.getByRole("button", { name: "Rename", exact: true }).click();
  await expect(rename).toBeHidden();
  await expect(page.getByRole("heading", { level: 1, includeHidden: true })).toHaveText("The fruit shop");

  await list.getByRole("textbox", { name: "Search the titles" }).fill("fruit");
  await list.getByRole("button", { name: "More of The fruit shop" }).click();
  await page.getByRole("menuitem", { name: "Delete", exact: true }).click();
  await page.getByRole("button", { name: "Delete it", exact: true }).click();
  await expect(page).toHaveURL(/\/$/);
  await page.goto("/conversations/list-a");
  await expect(page.getByRole("alert").filter({ hasText: "list-a" })).toBeVisible();
});

test("it fits a phone, and the dark", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "What do you want to run?" })).toBeVisible();
  await pictured(page, "conversation-empty-phone");
  await fits(page);
  await say(page, "two web servers and a postgres database with backups");
  await expect(answers(page)).toContainText("The draft is called");
  await expect(page.getByRole("button", { name: "Send", exact: true })).toBeVisible();
  await pictured(page, "conversation-phone");
  await accessible(page);
  await page
    .getByRole("radiogroup", { name: "What is shown" })
    .getByText("Blueprint", { exact: true })
    .click();
  await expect(card(page, "web-1")).toBeVisible();
  await pictured(page, "conversation-phone-blueprint");
  await fits(page);
  await accessible(page);
  await page.setViewportSize({ width: 1360, height: 850 });
  await expect(answers(page)).toBeVisible();
  await expect(card(page, "web-1")).toBeVisible();
  await pictured(page, "conversation-dark");
  await accessible(page);
  await page.getByRole("textbox", { name: "Message" }).fill("x".repeat(8_001));
  await expect(page.getByText("8,001 characters; up to 8,000 are read.", { exact: true })).toBeVisible();
  await accessible(page);
});
