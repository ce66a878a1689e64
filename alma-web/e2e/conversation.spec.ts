import type { Page } from "@playwright/test";
import { accessible, faultsOf, pictured } from "./look";
import { expect, test } from "./server";

const SENTENCE = "2 web servers with nginx, a postgres database and a redis cache for production";

async function say(page: Page, message: string): Promise<void> {
  const box = page.getByRole("textbox", { name: "Message" });
  await box.fill(message);
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
  await expect(page.getByText(/a month$/).first()).toBeVisible();

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
  await expect(request.getByText("pending")).toBeVisible();
  await request.getByRole("button", { name: "Show the plan" }).click();
  await expect(request.getByRole("button", { name: /create web-1/ })).toBeVisible();
  await request.getByRole("button", { name: "Hide the plan" }).click();
  await accessible(page);
  await pictured(page, "conversation-request");
  await request.getByRole("button", { name: "Approve" }).click();
  await request.getByRole("button", { name: "Deploy" }).click();
  await expect(request.getByText("succeeded")).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("region", { name: "What runs" })).toContainText("deployed");
  await pictured(page, "conversation-deployed");
  expect(faults).toEqual([]);
});
