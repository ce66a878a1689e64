/** Deployments as somebody watches them: real runs of a simulation that takes its time and fails where it was told to. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { execFile, execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page, WebSocketRoute } from "@playwright/test";
import { accessible, faultsOf, fits, pictured } from "./look";
import { Alma, expect, freePort, GRACE_MS, STARTS_MS, test as base } from "./server";

const HOME = mkdtempSync(join(tmpdir(), "alma-faults-"));
const FAULTS = join(HOME, "faults.yaml");
const GOES_WRONG = [
  { kind: "slow", address: "slow*", seconds: 5 },
  // What is looked at while it goes on stands still until it was looked at, however long that takes.
  ...["db", "web", "halted"].map((name) => ({ kind: "held", address: `held-${name}*`, until: gateOf(name) })),
  { kind: "rejected", address: "bad*", action: "create", message: "no space for <b>bad</b>" },
];

/** The file that what is held waits for. */
function gateOf(name: string): string {
  return join(HOME, `go-${name}`);
}

function letGo(name: string): void {
  writeFileSync(gateOf(name), "");
}

const test = base.extend<object, { alma: Alma }>({
  alma: [
    async ({}, use) => {
      writeFileSync(FAULTS, JSON.stringify(GOES_WRONG));
      const alma = await Alma.started({
        ALMA_SIMULATION_FAULTS: FAULTS,
        ALMA_SIMULATION_TIME_SCALE: "1",
      });
      await use(alma);
      await alma.end();
      rmSync(HOME, { recursive: true, force: true });
    },
    { scope: "worker", timeout: STARTS_MS + GRACE_MS },
  ],
});

// Runs take their time here, and a machine that is busy takes more.
test.describe.configure({ timeout: 300_000 });
const ENDS = { timeout: 120_000 };

const box = (name: string, more: object = {}) => ({
  name,
  type: "container",
  image: "nginx:1.27",
  ...more,
});

interface Queued {
  deployment_id: string;
}

async function begun(alma: Alma, document: object, how: object = {}): Promise<{ ipr: number; id: string }> {
  const ipr = await alma.ipr(await alma.blueprint(document), "Put it there");
  await alma.call("POST", `/iprs/${ipr}/review`, { action: "approve" });
  const { deployment_id } = await alma.call<Queued>("POST", `/iprs/${ipr}/deploy`, how);
  return { ipr, id: deployment_id };
}

/** The numbers of the lines that a page draws of a log, from its beginning to its end: one that is twice on the screen is told. */
async function numbersOf(page: Page): Promise<number[]> {
  const log = page.getByRole("log");
  const seen = new Set<number>();
  const doubles: number[] = [];
  const height = await log.evaluate((element) => element.scrollHeight);
  for (let top = 0; top <= height; top += 200) {
    await log.evaluate((element, to) => element.scrollTo(0, to), top);
    await page.evaluate(() => new Promise(requestAnimationFrame));
    const drawn = await log
      .locator("[data-seq]")
      .evaluateAll((lines) => lines.map((line) => Number(line.getAttribute("data-seq"))));
    doubles.push(...drawn.filter((seq, index) => drawn.indexOf(seq) !== index));
    for (const seq of drawn) seen.add(seq);
  }
  return [...seen, ...doubles].sort((a, b) => a - b);
}

/** The page has drawn all of a log, each line once. Lines that come into sight are drawn a moment later. */
async function expectWhole(page: Page, alma: Alma, id: string): Promise<void> {
  const all = count(await wholeLog(alma, id));
  await expect.poll(() => numbersOf(page)).toEqual(all);
}

async function wholeLog(alma: Alma, id: string): Promise<number> {
  return (await alma.call<{ last: number }>("GET", `/deployments/${id}/events?limit=500`)).last;
}

/** Lines of a run that says much, which would take minutes: written as its own are, and told by the server itself. */
async function said(alma: Alma, id: string, number: number): Promise<void> {
  const python = join(import.meta.dirname, "..", "..", ".venv", "bin", "python");
  await promisify(execFile)(python, [join(import.meta.dirname, "lines.py"), alma.home, id, String(number)]);
}

/** What something is once it does not change any more from one look to the next. */
async function steady<T>(look: () => Promise<T>): Promise<T> {
  let last = await look();
  await expect
    .poll(
      async () => {
        const before = last;
        last = await look();
        return last === before;
      },
      { intervals: [1_000] },
    )
    .toBe(true);
  return last;
}

const count = (number: number) => Array.from({ length: number }, (_, index) => index + 1);

test("a run is watched live from its start to its end", async ({ page, alma }) => {
  const faults = faultsOf(page);
  await page.goto("/deployments");
  await expect(page.getByText("Nothing was deployed yet")).toBeVisible();
  const { id } = await begun(alma, {
    name: "shop",
    resources: [
      box("held-web", { count: 2, depends_on: ["held-db"], network: { ports: [80], public_ip: true } }),
      box("held-db"),
    ],
  });
  // It comes by itself.
  const row = page.getByRole("row").filter({ hasText: "shop" });
  await expect(row).toContainText(/queued|running/);
  await row.getByRole("link", { name: "shop", exact: true }).click();
  await expect(page).toHaveURL(`/deployments/${id}`);
  const steps = page.getByRole("list", { name: "Steps" });
  await expect(steps.getByRole("button", { name: /held-db/ })).toContainText("running");
  await expect(page.getByRole("status").getByText("live", { exact: true })).toBeVisible();
  await expect(page.getByRole("group", { name: /held-db/ })).toContainText("running");
  await pictured(page, "deployment-running");
  letGo("db");
  await expect(steps.getByRole("button", { name: /held-web-2/ })).toContainText("running");
  await expect(steps.getByRole("button", { name: /held-db/ })).toContainText("succeeded");
  letGo("web");
  await expect(page.getByText("Everything runs as it was approved")).toBeVisible(ENDS);
  await expect(page.getByText("all passed")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Endpoints" })).toBeVisible();
  // What is no web address is not to be clicked.
  await expect(page.getByText("simulation://shop/held-web:80", { exact: true })).toBeVisible();
  await expect(page.locator("a[href^='simulation:']")).toHaveCount(0);
  await expectWhole(page, alma, id);
  await accessible(page);
  await pictured(page, "deployment");
  await page.emulateMedia({ colorScheme: "dark" });
  await accessible(page);
  await pictured(page, "deployment-dark");
  expect(faults).toEqual([]);
});

test("a log that is cut in the middle goes on without a gap and without doubles", async ({ page, alma }) => {
  const open: WebSocketRoute[] = [];
  let cut = false;
  await page.routeWebSocket(/\/ws\/deployments/, async (route) => {
    open.push(route);
    if (cut) await route.close({ code: 1012 });
    else route.connectToServer();
  });
  const { id } = await begun(alma, {
    name: "cut",
    resources: [
      box("slow-1"),
      box("slow-2", { depends_on: ["slow-1"] }),
      box("slow-3", { depends_on: ["slow-2"] }),
    ],
  });
  await page.goto(`/deployments/${id}`);
  await expect(page.getByRole("log")).toContainText("created container slow-1");
  cut = true;
  await open[0]?.close({ code: 1012 });
  await expect(page.getByText("reconnecting", { exact: true }).first()).toBeVisible();
  cut = false;
  await expect(page.getByText("Everything runs as it was approved")).toBeVisible(ENDS);
  await expect(page.getByText("complete", { exact: true })).toBeVisible();
  expect(open.length).toBeGreaterThan(1);
  await expectWhole(page, alma, id);
});

test("a server that dies in the middle is come back to", async ({ page, alma }) => {
  const { id } = await begun(alma, {
    name: "crash",
    resources: [
      box("slow-1"),
      box("slow-2", { depends_on: ["slow-1"] }),
      box("slow-3", { depends_on: ["slow-2"] }),
    ],
  });
  await page.goto(`/deployments/${id}`);
  await expect(page.getByRole("log")).toContainText("created container slow-1");
  await alma.stop({ kill: true });
  await expect(page.getByText("reconnecting", { exact: true }).first()).toBeVisible();
  await alma.start();
  await expect(page.getByText("Everything runs as it was approved")).toBeVisible(ENDS);
  await expect(page.getByText("complete", { exact: true })).toBeVisible();
  await expectWhole(page, alma, id);
});

test("a run is cancelled after one was told what that does", async ({ page, alma }) => {
  const { id } = await begun(alma, {
    name: "stopped",
    // The last of them is far away, however long it takes to read what cancelling does.
    resources: count(60).map((number) =>
      box(`slow-${number}`, number > 1 ? { depends_on: [`slow-${number - 1}`] } : {}),
    ),
  });
  await page.goto(`/deployments/${id}`);
  await expect(page.getByRole("log")).toContainText("create container slow-1");
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("what it has made is undone");
  await accessible(page);
  await dialog.getByRole("button", { name: "Cancel the deployment" }).click();
  await expect(page.getByText("It was cancelled", { exact: true })).toBeVisible(ENDS);
  await expect(
    page.getByRole("list", { name: "Steps" }).getByRole("button", { name: /slow-60/ }),
  ).toContainText("skipped");
  await expect(page.getByRole("button", { name: "Cancel", exact: true })).toHaveCount(0);
  await page.getByRole("button", { name: "Open a new request" }).click();
  await expect(page).toHaveURL(/\/iprs\/\d+$/);
});

test("why a run failed is told, and it is retried when that is mended", async ({ page, alma }) => {
  const { id } = await begun(alma, { name: "failing", resources: [box("bad"), box("good")] });
  await page.goto(`/deployments/${id}`);
  await expect(page.getByText("It failed, and what it had done was undone")).toBeVisible(ENDS);
  // The words of an engine are text.
  await expect(page.getByRole("status").filter({ hasText: "no space for <b>bad</b>" })).toBeVisible();
  await page.getByRole("checkbox", { name: "Problems only" }).check();
  await expect(page.getByRole("log").locator("[data-seq]")).toHaveCount(1);
  await accessible(page);
  await pictured(page, "deployment-failed");
  writeFileSync(FAULTS, JSON.stringify(GOES_WRONG.filter(({ kind }) => kind !== "rejected")));
  await alma.stop();
  await alma.start();
  await page.getByRole("button", { name: "Retry", exact: true }).click();
  await expect(page).not.toHaveURL(new RegExp(id));
  await expect(page.getByText("Everything runs as it was approved")).toBeVisible(ENDS);
  await expect(page.getByRole("heading", { name: "History of this stack" })).toBeVisible();
  // The one that was retried is not offered again.
  await page.goto(`/deployments/${id}`);
  await expect(page.getByText("It failed, and what it had done was undone")).toBeVisible();
  await expect(page.getByRole("table", { name: "Deployments of this stack" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Retry", exact: true })).toHaveCount(0);
});

test("an earlier revision is asked for again", async ({ page, alma }) => {
  const blueprint = await alma.blueprint({ name: "back", resources: [box("web")] });
  await alma.deployed(await alma.ipr(blueprint));
  await alma.call("PUT", `/blueprints/${blueprint}`, {
    name: "back",
    resources: [box("web", { image: "nginx:1.28" })],
  });
  const id = await alma.deployed(await alma.ipr(blueprint));
  await page.goto(`/deployments/${id}`);
  await page.getByRole("button", { name: "Roll back", exact: true }).click();
  await expect(page.getByRole("radio", { name: /Revision 1, which ran before/ })).toBeChecked();
  await accessible(page);
  await page.getByRole("button", { name: "Open the request", exact: true }).click();
  await expect(page).toHaveURL(/\/iprs\/\d+$/);
  const ipr = page.url().split("/").at(-1) ?? "";
  const { plan } = await alma.call<{ plan: { revision: number; changes: { fields: object[] }[] } }>(
    "GET",
    `/iprs/${ipr}`,
  );
  expect(plan.revision).toBe(3);
  expect(plan.changes.flatMap(({ fields }) => fields)).toContainEqual(
    expect.objectContaining({ path: "image", before: "nginx:1.28", after: "nginx:1.27" }),
  );
});

test("the list is filtered by state, in its address, and says how it came to be empty", async ({
  page,
  alma,
}) => {
  const { id } = await begun(alma, { name: "halted", resources: [box("held-halted")] });
  await alma.call("POST", `/deployments/${id}/cancel`);
  letGo("halted");
  await begun(alma, { name: "listed", resources: [box("web")] });
  await page.goto("/deployments?status=cancelled");
  await expect(page.getByRole("row").filter({ hasText: "halted" })).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: "listed" })).toHaveCount(0);
  const states = page.getByRole("group", { name: "Show only those in one state" });
  await states.getByText("verifying", { exact: true }).click();
  await expect(page).toHaveURL(/status=verifying/);
  await expect(page.getByText("No deployment is like that")).toBeVisible();
  await states.getByText("all", { exact: true }).click();
  const row = page.getByRole("row").filter({ hasText: "listed" });
  await expect(row).toContainText("succeeded");
  await accessible(page);
  await pictured(page, "deployments");
  await page.emulateMedia({ colorScheme: "dark" });
  await accessible(page);
  await pictured(page, "deployments-dark");
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 390, height: 844 });
  await pictured(page, "phone-deployments");
});

test("a log of ten thousand lines stays quick, follows its end and is left alone while one reads", async ({
  page,
  alma,
}) => {
  const blueprint = await alma.blueprint({ name: "long", resources: [box("web")] });
  const id = await alma.deployed(await alma.ipr(blueprint));
  await said(alma, id, 10_000 - (await wholeLog(alma, id)));
  await page.goto(`/deployments/${id}`);
  const log = page.getByRole("log");
  await expect(log).toContainText("line 10000 <script>alert(1)</script>");
  await expect(page.getByText("10,000 lines", { exact: true })).toBeVisible();
  await expect.poll(() => log.locator("[data-seq]").count()).toBeLessThan(100);
  await said(alma, id, 1);
  await expect(log).toContainText("line 10001 ");
  await log.hover();
  const toTheEnd = page.getByRole("button", { name: "To the end", exact: true });
  // As somebody does whose page is still busy with what came.
  await expect(async () => {
    await page.mouse.wheel(0, -3_000);
    await expect(toTheEnd).toBeVisible({ timeout: 2_000 });
  }).toPass();
  const first = await steady(() => log.locator("[data-seq]").first().getAttribute("data-seq"));
  await said(alma, id, 1);
  await expect(page.getByText("10,002 lines", { exact: true })).toBeVisible();
  expect(await steady(() => log.locator("[data-seq]").first().getAttribute("data-seq"))).toBe(first);
  await toTheEnd.click();
  await expect(log).toContainText("line 10002 ");
  await pictured(page, "deployment-long-log");
});

test("one that is not there says so, and a phone shows all of one that is", async ({ page, alma }) => {
  await page.goto("/deployments/nonesuch");
  await expect(page.getByRole("alert").filter({ hasText: /nonesuch|no such/i })).toBeVisible();
  const { id } = await begun(alma, {
    name: "a-stack-with-a-name-that-is-as-long-as-names-may-ever-be",
    resources: [box(`web-${"x".repeat(50)}`, { network: { ports: [80] } })],
  });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`/deployments/${id}`);
  await expect(page.getByText("Everything runs as it was approved")).toBeVisible(ENDS);
  await fits(page);
  await page.screenshot({ path: "reports/screenshots/phone-deployment.png", fullPage: true });
});

function docker(): boolean {
  try {
    execFileSync("docker", ["image", "inspect", "nginx:1.27"], { stdio: "ignore", timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

test("a container that Docker really runs has an address to open", async ({ page, alma }) => {
  test.skip(!docker(), "Docker does not run here, or has no nginx:1.27");
  const blueprint = await alma.blueprint({
    name: `docked-${Date.now()}`,
    // A port without a place on the host is for the stack's own network only.
    resources: [box("web", { network: { ports: [`${await freePort()}:80`] } })],
  });
  const { id: ipr } = await alma.call<{ id: number }>("POST", "/iprs", {
    title: "Run it",
    blueprint_id: blueprint,
    engine: "docker",
  });
  const id = await alma.deployed(ipr);
  try {
    await page.goto(`/deployments/${id}`);
    await expect(page.getByText("Everything runs as it was approved")).toBeVisible();
    const address = page.getByRole("link", { name: /http:\/\/127\.0\.0\.1/ });
    await expect(address).toBeVisible();
    await accessible(page);
    const opened = await page.request.get((await address.getAttribute("href")) ?? "");
    expect(await opened.text()).toContain("nginx");
  } finally {
    const { stack_id } = await alma.call<{ stack_id: string }>("GET", `/deployments/${id}`);
    const away = await alma.call<{ id: number }>("POST", `/stacks/${stack_id}/destroy`, { volumes: true });
    await alma.deployed(away.id);
  }
});
