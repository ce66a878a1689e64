/** What runs, and what became of it behind ALMA's back: drift, proofs, removal, and what was there before. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { accessible, faultsOf, fits, pictured } from "./look";
import { type Alma, expect, test } from "./server";

test.describe.configure({ timeout: 300_000 });

const ROOT = join(import.meta.dirname, "..", "..");

/** Does something to the simulated world that no request asked for. */
function outside(alma: Alma, ...words: string[]): void {
  const python = process.env.ALMA_PYTHON ?? join(ROOT, ".venv", "bin", "python");
  execFileSync(python, [join(import.meta.dirname, "outside.py"), join(alma.home, "simulation.db"), ...words]);
}

interface StackItem {
  id: string;
  name: string;
}

async function stackOf(alma: Alma, name: string): Promise<string> {
  const { items } = await alma.call<{ items: StackItem[] }>("GET", "/stacks");
  const found = items.find((stack) => stack.name === name);
  if (found === undefined) throw new Error(`no stack ${name}`);
  return found.id;
}

async function deployed(alma: Alma, name: string): Promise<string> {
  const blueprint = await alma.blueprint({
    name,
    resources: [
      { name: "web", type: "container", image: "nginx:1.27", count: 2, network: { ports: [80] } },
      { name: "db", type: "database", engine: "postgresql" },
    ],
  });
  await alma.deployed(await alma.ipr(blueprint));
  return stackOf(alma, name);
}

test("nothing is there at first, and the page says how that changes", async ({ page }) => {
  const faults = faultsOf(page);
  await page.goto("/infrastructure");
  await expect(page.getByText("Nothing is deployed yet")).toBeVisible();
  await expect(page.getByRole("heading", { name: "simulation", exact: true })).toBeVisible();
  await accessible(page);
  expect(faults).toEqual([]);
});

test("what drifted is shown before and after, and put back by a request", async ({ page, alma }) => {
  const faults = faultsOf(page);
  const id = await deployed(alma, "shop");
  outside(alma, "tamper", id, "web", "image", '"nginx:<b>0.1</b>"');
  outside(alma, "remove", id, "web-2");
  await page.goto("/infrastructure");
  const row = page.getByRole("row").filter({ hasText: "shop" });
  await expect(row).toContainText("2 drifted");
  await expect(row).toContainText("degraded");
  await accessible(page);
  await pictured(page, "infrastructure");
  await row.getByRole("link", { name: "shop", exact: true }).click();
  const changes = page.getByRole("table", { name: "How web has drifted" });
  await expect(changes).toContainText("nginx:1.27");
  await expect(changes).toContainText("nginx:<b>0.1</b>");
  await expect(page.getByRole("row").filter({ hasText: "web-2" })).toContainText("gone");
  await accessible(page);
  await pictured(page, "stack-drift");
  await page.emulateMedia({ colorScheme: "dark" });
  await accessible(page);
  await pictured(page, "stack-drift-dark");
  await page.getByRole("button", { name: "Open a request to fix it", exact: true }).click();
  await expect(page).toHaveURL(/\/iprs\/\d+$/);
  await alma.deployed(Number(page.url().split("/").at(-1)));
  await page.goto(`/infrastructure/${id}`);
  await expect(page.getByText("healthy", { exact: true })).toBeVisible();
  await expect(page.getByText(/changed outside of ALMA/)).toHaveCount(0);
  expect(faults).toEqual([]);
});

test("what is deployed meanwhile comes by itself, and so does its end", async ({ page, alma }) => {
  await page.goto("/infrastructure");
  await expect(page.getByRole("heading", { name: "Stacks", exact: true })).toBeVisible();
  const id = await deployed(alma, "meanwhile");
  const row = page.getByRole("row").filter({ hasText: "meanwhile" });
  await expect(row.getByText("healthy", { exact: true })).toBeVisible();
  await row.getByRole("link", { name: "meanwhile", exact: true }).click();
  await expect(page.getByRole("table", { name: "Resources" })).toContainText("web-2");
  const away = await alma.call<{ id: number }>("POST", `/stacks/${id}/destroy`, { volumes: true });
  await alma.deployed(away.id);
  await expect(page.getByRole("heading", { name: "Nothing of it is there" })).toBeVisible();
});

test("whether it works is asked on demand", async ({ page, alma }) => {
  const id = await deployed(alma, "asked");
  await page.goto(`/infrastructure/${id}`);
  await page.getByRole("button", { name: "Verify now", exact: true }).click();
  await expect(page.getByText(/It works: \d+ checks passed/)).toBeVisible();
  outside(alma, "remove", id, "web-2");
  await page.getByRole("button", { name: "Verify now", exact: true }).click();
  await expect(page.getByText(/\d+ checks? of \d+ failed/)).toBeVisible();
  // What stands above is not contradicted by it.
  const resources = page.getByRole("table", { name: "Resources" });
  await expect(resources.getByRole("row").filter({ hasText: "web-2" })).toContainText("gone");
  await expect(page.getByText("degraded", { exact: true })).toBeVisible();
  await pictured(page, "stack-verified");
  await accessible(page);
});

test("an engine that can't be read leaves what was recorded, and calls nothing empty", async ({
  page,
  alma,
}) => {
  const id = await deployed(alma, "unread");
  const world = join(alma.home, "simulation.db");
  await alma.stop();
  for (const end of ["", "-wal", "-shm"]) {
    if (existsSync(world + end)) renameSync(world + end, `${world}.away${end}`);
  }
  execFileSync("mkdir", [world]); // a directory is no file that could be read
  chmodSync(world, 0o700);
  await alma.start();
  await page.goto(`/infrastructure/${id}`);
  await expect(page.getByText("simulation could not be read")).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: "web-2" })).toContainText("not known");
  await expect(page.getByText("Nothing of it is there")).toHaveCount(0);
  await pictured(page, "stack-unread");
  await page.goto("/infrastructure");
  await expect(page.getByRole("row").filter({ hasText: "unread" })).toContainText("unknown");
  await alma.stop();
  execFileSync("rmdir", [world]);
  for (const end of ["", "-wal", "-shm"]) {
    if (existsSync(`${world}.away${end}`)) renameSync(`${world}.away${end}`, world + end);
  }
  await alma.start();
  await page.goto(`/infrastructure/${id}`);
  await expect(page.getByText("healthy", { exact: true })).toBeVisible();
});

test("a stack is removed by a request, with its data only where that is said", async ({ page, alma }) => {
  const id = await deployed(alma, "leaving");
  await page.goto(`/infrastructure/${id}`);
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Remove leaving?" });
  await expect(dialog).toContainText("db-data stays");
  await dialog.getByRole("checkbox", { name: "Remove the data, too" }).check();
  await expect(dialog).toContainText("There is no way back");
  await accessible(page);
  await dialog.getByRole("button", { name: "Open the request", exact: true }).click();
  await expect(page).toHaveURL(/\/iprs\/\d+$/);
  await alma.deployed(Number(page.url().split("/").at(-1)));
  await page.goto("/infrastructure");
  const past = page.getByRole("switch", { name: "Removed ones, too" });
  const row = page.getByRole("row").filter({ hasText: "leaving" });
  // Its state is in the address, and so comes a moment after the click.
  await past.click();
  await expect(row).toBeVisible();
  await past.click();
  await expect(row).toHaveCount(0);
  await past.click();
  await row.getByRole("link", { name: "leaving", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Nothing of it is there" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Remove", exact: true })).toHaveCount(0);
});

test("what runs already is taken in as it is", async ({ page, alma }) => {
  outside(alma, "plant", "old-web", "old-mail");
  await page.goto("/infrastructure");
  await page.getByRole("link", { name: "Import from simulation", exact: true }).click();
  await page.getByRole("checkbox", { name: "old-web", exact: true }).check();
  await page.getByRole("textbox", { name: "Name of old-web in the blueprint" }).fill("front");
  await expect(page.getByRole("button", { name: /Open a request to import/ })).toBeDisabled();
  await page.getByRole("textbox", { name: "Name of the new blueprint" }).fill("legacy");
  await accessible(page);
  await pictured(page, "import");
  await page.getByRole("button", { name: "Open a request to import 1 object" }).click();
  await expect(page).toHaveURL(/\/iprs\/\d+$/);
  await alma.deployed(Number(page.url().split("/").at(-1)));
  await page.goto(`/infrastructure/${await stackOf(alma, "legacy")}`);
  await expect(page.getByRole("row").filter({ hasText: "front" })).toContainText("running");
  await page.goto("/infrastructure/import/simulation");
  await expect(page.getByRole("checkbox", { name: "old-mail", exact: true })).toBeVisible();
  await expect(page.getByRole("checkbox", { name: "old-web", exact: true })).toHaveCount(0);
});

test("an engine that can't import says why, and one that is not there, too", async ({ page }) => {
  await page.goto("/infrastructure/import/docker");
  await expect(page.getByRole("alert").filter({ hasText: "Docker" })).toBeVisible();
  await page.goto("/infrastructure/nonesuch");
  await expect(page.getByRole("alert").filter({ hasText: "nonesuch" })).toBeVisible();
});

test("it fits a phone", async ({ page, alma }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`/infrastructure/${await deployed(alma, "small")}`);
  await expect(page.getByRole("table", { name: "Resources" })).toContainText("web-2");
  await fits(page);
  await pictured(page, "phone-stack");
});
