import type { Page } from "@playwright/test";
import { accessible, faultsOf, fits, pictured } from "./look";
import { expect, test } from "./server";

const SHOP = {
  name: "shop",
  resources: [
    { name: "lan", type: "network", cidr: "10.0.0.0/24" },
    {
      name: "db",
      type: "database",
      engine: "postgresql",
      specs: { memory: "1GB" },
      network: { attach: ["lan"] },
    },
    { name: "web", type: "vm", engine: "nginx", count: 2, depends_on: ["db"], network: { attach: ["lan"] } },
    { name: "lb", type: "load_balancer", backends: ["web"], network: { ports: ["8080:80"] } },
  ],
};

const editor = (page: Page) => page.getByRole("textbox", { name: "Blueprint as YAML" });

/** The text, put in the way of a paste: nothing is indented or completed on the way. */
async function write(page: Page, text: string): Promise<void> {
  await editor(page).click();
  await expect(editor(page)).toBeFocused();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(text);
}

/** Asks what could stand here until something is offered: what a blueprint may say is fetched beside the page. */
async function completed(page: Page, name: string): Promise<void> {
  const option = page.getByRole("option", { name, exact: true });
  await expect(async () => {
    await page.keyboard.press("Control+ ");
    await expect(option).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await option.click();
}

test("a fault is shown where it is, mended by completion, and the blueprint saved", async ({ page }) => {
  const faults = faultsOf(page);
  await page.goto("/blueprints/new");
  await write(page, "name: first\nresources:\n  - name: store\n    type: databas");
  await expect(page.getByText("1 error", { exact: true })).toBeVisible();
  await expect(page.getByRole("button", { name: /line 4: unknown type 'databas'/ })).toBeVisible();
  await expect(page.locator(".cm-lintRange-error")).toHaveText("type: databas");
  await accessible(page);
  await pictured(page, "blueprint-edit-error");
  await completed(page, "database");
  await expect(page.getByText("valid", { exact: true })).toBeVisible();
  await page.keyboard.press("Enter");
  await page.keyboard.type("eng");
  await page.getByRole("option", { name: /^engine/ }).click();
  await page.keyboard.insertText("postgresql");
  await expect(page.getByRole("region", { name: "Graph of first" })).toContainText("postgresql");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page).toHaveURL(/\/blueprints\/\d+$/);
  await expect(page.getByRole("heading", { level: 1, name: "first", exact: true })).toBeVisible();
  expect(faults).toEqual([]);
});

test("leaving with unsaved words asks", async ({ page }) => {
  await page.goto("/blueprints/new");
  await write(page, "name: nowhere");
  await page.getByRole("link", { name: "Templates", exact: true }).click();
  await expect(page.getByText("Leave without saving?")).toBeVisible();
  await page.getByRole("button", { name: "Stay" }).click();
  await expect(editor(page)).toContainText("nowhere");
  await page.getByRole("link", { name: "Templates", exact: true }).click();
  await page.getByRole("button", { name: "Leave", exact: true }).click();
  await expect(page).toHaveURL(/\/templates$/);
});

test("a blueprint is seen as graph, text, cost and findings", async ({ page, alma }) => {
  const faults = faultsOf(page);
  const id = await alma.blueprint(SHOP);
  await page.goto(`/blueprints/${id}`);
  await page.getByRole("group", { name: "db, database", exact: true }).click();
  await expect(page.getByRole("table", { name: "Fields of db" })).toContainText("postgresql");
  await accessible(page);
  await pictured(page, "blueprint");
  await page.emulateMedia({ colorScheme: "dark" });
  await pictured(page, "blueprint-dark");
  await accessible(page);
  await page.emulateMedia({ colorScheme: "light" });
  await page.getByRole("tab", { name: "YAML" }).click();
  await expect(page.getByRole("textbox", { name: "YAML of shop" })).toContainText("load_balancer");
  await accessible(page);
  await page.getByRole("tab", { name: "Cost and findings" }).click();
  await expect(page).toHaveURL(/tab=cost/);
  await expect(page.getByTestId("monthly")).toContainText("$");
  await expect(page.getByText(/of 10$/)).toBeVisible();
  await accessible(page);
  await pictured(page, "blueprint-cost");
  expect(faults).toEqual([]);
});

test("two revisions are compared field by field and as text", async ({ page, alma }) => {
  const faults = faultsOf(page);
  const id = await alma.blueprint(SHOP);
  const [lan, db, web, lb] = SHOP.resources;
  await alma.call("PUT", `/blueprints/${id}`, {
    ...SHOP,
    resources: [lan, { ...db, specs: { memory: "8GB" } }, web, lb],
  });
  await page.goto(`/blueprints/${id}?tab=revisions`);
  const fields = page.getByRole("table", { name: "Fields that differ" });
  await expect(fields).toContainText("specs.memory");
  await expect(fields.getByRole("row", { name: /specs\.memory/ })).toContainText("8GB");
  await accessible(page);
  await pictured(page, "blueprint-revisions");
  await page
    .getByRole("radiogroup", { name: "How to show the difference" })
    .getByText("YAML", { exact: true })
    .click();
  await expect(page.locator(".cm-deletedChunk")).toContainText("1GB");
  await expect(page.locator(".cm-insertedLine, .cm-changedLine").first()).toContainText("8GB");
  await accessible(page);
  await pictured(page, "blueprint-revisions-text");
  await page.getByRole("link", { name: "Go back to revision 1", exact: true }).click();
  await page.getByRole("button", { name: "Save as revision 3" }).click();
  await expect(page.getByText("Revision 3", { exact: true })).toBeVisible();
  expect(faults).toEqual([]);
});

test("somebody else's newer revision is shown and never overwritten", async ({ page, alma }) => {
  const id = await alma.blueprint(SHOP);
  await page.goto(`/blueprints/${id}/edit`);
  await write(page, "name: mine\nresources: []\n");
  await alma.call("PUT", `/blueprints/${id}`, { ...SHOP, description: "somebody was faster" });
  await page.getByRole("button", { name: "Save as revision 2" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "Nothing was saved" })).toBeVisible();
  await expect(page.locator(".cm-deletedChunk").first()).toContainText("somebody was faster");
  await accessible(page);
  await pictured(page, "blueprint-conflict");
  const now = await alma.call<{ revision: number; description: string }>("GET", `/blueprints/${id}`);
  expect([now.revision, now.description]).toEqual([2, "somebody was faster"]);
  await page.getByRole("button", { name: "Go on with mine, on top of revision 2" }).click();
  await page.getByRole("button", { name: "Save as revision 3" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "mine", exact: true })).toBeVisible();
  const kept = await alma.call<{ description: string }>("GET", `/blueprints/${id}/revisions/2`);
  expect(kept.description).toBe("somebody was faster");
});

test("a plan is made on an engine and becomes a request", async ({ page, alma }) => {
  const faults = faultsOf(page);
  const id = await alma.blueprint({ ...SHOP, name: "planned" });
  await page.goto(`/blueprints/${id}?tab=plan`);
  await expect(page.getByText("6 create", { exact: true })).toBeVisible();
  await accessible(page);
  await pictured(page, "blueprint-plan");
  await page.getByRole("combobox", { name: "Engine", exact: true }).click();
  await page.getByRole("option", { name: /proxmox/ }).click();
  await expect(page.getByText("No Proxmox VE cluster is configured")).toBeVisible();
  await page.getByRole("combobox", { name: "Engine", exact: true }).click();
  await page.getByRole("option", { name: "simulation", exact: true }).click();
  await page.getByRole("combobox", { name: "Strategy" }).click();
  await page.getByRole("option", { name: /Rolling/ }).click();
  await expect(page.getByText(/on simulation, rolling/)).toBeVisible();
  await page.getByRole("button", { name: "Open a request", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Open a request", exact: true });
  await dialog.getByRole("textbox", { name: "Title" }).fill("Open the shop");
  await dialog.getByRole("textbox", { name: "Description" }).fill("Sizes are from last year.");
  await accessible(page);
  await dialog.getByRole("button", { name: "Open the request" }).click();
  await expect(page).toHaveURL(/\/iprs\/\d+$/);
  const ipr = await alma.call<{ title: string; description: string; plan: { strategy: string } }>(
    "GET",
    `/iprs/${page.url().split("/").pop() ?? ""}`,
  );
  expect([ipr.title, ipr.description, ipr.plan.strategy]).toEqual([
    "Open the shop",
    "Sizes are from last year.",
    "rolling",
  ]);
  expect(faults).toEqual([]);
});

test("engines are compared, and who can't be asked says why", async ({ page, alma }) => {
  const id = await alma.blueprint(SHOP);
  await page.goto(`/blueprints/${id}?tab=parity`);
  await expect(page.getByText("No Proxmox VE cluster is configured")).toBeVisible();
  await page.getByRole("switch", { name: /Also what is equal everywhere/ }).click();
  const table = page.getByRole("table", { name: "Properties by engine" });
  await expect(table.getByRole("columnheader", { name: "simulation" })).toBeVisible();
  await expect(table).toContainText("specs.memory");
  await accessible(page);
  await pictured(page, "blueprint-parity");
});

test("a compose file becomes a blueprint, object by object", async ({ page }) => {
  await page.goto("/blueprints?search=");
  await page.getByRole("link", { name: "Import", exact: true }).click();
  const compose =
    "services:\n  web: {image: 'nginx:1.28', ports: ['80:80'], privileged: true}\n  db: {image: 'postgres:16'}\n";
  await page
    .locator("input[type=file]")
    .setInputFiles({ name: "compose.yaml", mimeType: "application/yaml", buffer: Buffer.from(compose) });
  await expect(page.getByRole("table", { name: "What became of each object" })).toContainText("services.web");
  await expect(page.getByText(/services.web.privileged/)).toBeVisible();
  await accessible(page);
  await pictured(page, "blueprint-import");
  await page.getByRole("button", { name: "Edit the blueprint" }).click();
  await expect(editor(page)).toContainText("postgresql");
});

test("a blueprint is taken along and deleted", async ({ page, alma }) => {
  const id = await alma.blueprint({ ...SHOP, name: "gone/soon" });
  await page.goto(`/blueprints/${id}`);
  await page.getByRole("button", { name: "Export", exact: true }).click();
  const waiting = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: "YAML", exact: true }).click();
  expect((await waiting).suggestedFilename()).toBe("gone-soon.yaml");
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete it", exact: true }).click();
  await expect(page).toHaveURL(/\/blueprints$/);
  await page.goto(`/blueprints/${id}`);
  await expect(page.getByRole("alert").filter({ hasText: `${id}` })).toBeVisible();
});

test("200 blueprints come in pages, are searched and filtered; names are only words", async ({
  page,
  alma,
}) => {
  const faults = faultsOf(page);
  const hostile = `<img src=x onerror="document.title='taken'"> ${"long".repeat(9)}`;
  for (let n = 0; n < 200; n++) await alma.blueprint({ name: `many ${n}`, resources: [] });
  const id = await alma.blueprint({
    ...SHOP,
    name: hostile,
    engine: "docker",
    description: "<script>1</script>",
  });
  await page.goto("/blueprints");
  const rows = page.getByRole("table", { name: "Blueprints" }).getByRole("row");
  await expect(rows).toHaveCount(51);
  await expect(page.getByRole("link", { name: hostile })).toBeVisible();
  await accessible(page);
  await pictured(page, "blueprints");
  await page.getByRole("button", { name: "Show more" }).click();
  await expect(rows).toHaveCount(101);
  await page.getByRole("textbox", { name: "Search by name" }).fill("MANY 19");
  await expect(rows).toHaveCount(12);
  await expect(page).toHaveURL(/search=MANY/);
  await page.getByRole("textbox", { name: "Search by name" }).fill("nobody has this");
  await expect(page.getByText("No blueprint fits")).toBeVisible();
  await page.getByRole("button", { name: "Clear the search" }).click();
  await page.getByRole("combobox", { name: "Engine", exact: true }).click();
  await page.getByRole("option", { name: "docker", exact: true }).click();
  await expect(rows).toHaveCount(2);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`/blueprints/${id}`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(hostile);
  await expect(page.locator("main img[src=x]")).toHaveCount(0);
  await expect(page.getByRole("region", { name: `Graph of ${hostile}`, exact: true })).toBeVisible();
  await fits(page);
  await pictured(page, "blueprint-phone");
  expect(faults).toEqual([]);
});
