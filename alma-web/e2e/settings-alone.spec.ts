/** Settings of servers that were started otherwise than most: with language models, and with no account yet. */
import { PASSWORD } from "./guarded";
import { accessible, pictured } from "./look";
import { Alma, expect, test } from "./server";

test.describe.configure({ timeout: 300_000 });

test("language models are shown in their order, with what they may cost, and never a key", async ({
  page,
}) => {
  const secret = "a-key-of-a-model-0123456789";
  const own = await Alma.started({
    ALMA_LLM_PROVIDER: "openai-compatible",
    ALMA_LLM_MODEL: "large",
    ALMA_LLM_BASE_URL: "http://127.0.0.1:9/v1",
    ALMA_LLM_API_KEY: secret,
    ALMA_LLM_PRICE_IN: "3",
    ALMA_LLM_PRICE_OUT: "15",
    ALMA_LLM_BUDGET: "20",
    ALMA_LLM_FALLBACKS: `ollama:${"w".repeat(120)}`,
  });
  try {
    await page.goto(`${own.url}/settings/models`);
    const rows = page.getByRole("table", { name: "Models in their order" }).getByRole("row");
    await expect(rows.nth(1)).toContainText("openai-compatible:large");
    await expect(rows.nth(1)).toContainText("127.0.0.1:9");
    await expect(rows.nth(1)).toContainText("$15.00");
    await expect(rows.nth(2)).toContainText("fallback");
    await expect(page.getByText("$0.00 spent in")).toContainText("of $20.00.");
    await expect(page.getByText("does not answer", { exact: true })).toBeVisible();
    expect(await page.content()).not.toContain(secret);
    await pictured(page, "settings-models");
    await accessible(page);
    await page.setViewportSize({ width: 390, height: 844 });
    await pictured(page, "settings-models-phone");
  } finally {
    await own.end();
  }
});

test("with no account yet, the first one is made here, and from then on everybody signs in", async ({
  page,
}) => {
  const open = await Alma.started();
  try {
    const dialog = page.getByRole("dialog", { name: "New account" });
    await page.goto(`${open.url}/settings/accounts`);
    await page.getByRole("button", { name: "New account", exact: true }).click();
    await expect(dialog).toContainText("From now on, everybody signs in");
    await dialog.getByRole("textbox", { name: "Name" }).fill("first");
    await dialog.getByRole("textbox", { name: "Password", exact: true }).fill(PASSWORD);
    await dialog.getByRole("button", { name: "Make the account", exact: true }).click();
    await expect(page.getByText("This server asks everybody to sign in now.")).toBeVisible();
  } finally {
    await open.end();
  }
});
