/**
 * How fast it is, measured: Lighthouse on the first page, frames of a big graph. Bounds are generous, since other tests
 * share the machine; the figures are in reports/speed.json.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { chromium, type Page } from "@playwright/test";
import lighthouse, { desktopConfig } from "lighthouse";
import { expect, freePort, test } from "./server";

const RUNS = 3;
const LEAST = { performance: 90, accessibility: 95 };
const RESOURCES = 500;
/** Twenty pictures a second, where a screen without a graphics card draws them. */
const FRAME_MS = 50;

const figures: Record<string, unknown> = {};

test.afterAll(() => {
  mkdirSync("reports", { recursive: true });
  writeFileSync("reports/speed.json", JSON.stringify(figures, null, 2));
});

test("Lighthouse finds the first page fast and accessible", async ({ alma }) => {
  test.setTimeout(240_000);
  const port = await freePort();
  const { executablePath, args } = test.info().project.use.launchOptions ?? {};
  const browser = await chromium.launch({
    executablePath,
    args: [...(args ?? []), `--remote-debugging-port=${port}`],
  });
  const scores: Record<keyof typeof LEAST, number[]> = { performance: [], accessibility: [] };
  for (let run = 0; run < RUNS; run += 1) {
    const result = await lighthouse(
      alma.url,
      { port, logLevel: "error", onlyCategories: Object.keys(LEAST) },
      desktopConfig,
    );
    for (const [name, list] of Object.entries(scores)) {
      list.push(100 * (result?.lhr.categories[name]?.score ?? 0));
    }
  }
  await browser.close();
  figures.lighthouse = scores;
  expect(median(scores.performance)).toBeGreaterThanOrEqual(LEAST.performance);
  expect(median(scores.accessibility)).toBeGreaterThanOrEqual(LEAST.accessibility);
});

test(`a graph of ${RESOURCES} resources is moved smoothly`, async ({ page, alma }) => {
  const resources = Array.from({ length: RESOURCES }, (_, number) => ({
    name: `service-${number}`,
    type: "service",
    ...(number > 0 ? { depends_on: [`service-${number >> 2}`] } : {}),
  }));
  const id = await alma.blueprint({ name: "big", version: "1.0", resources });
  await page.goto(`/blueprints/${id}`);
  const graph = page.getByRole("region", { name: "Graph of big" });
  await expect(graph.locator(".react-flow__node").first()).toBeVisible({ timeout: 30_000 });
  const box = await graph.boundingBox();
  if (box === null) throw new Error("the graph has no place");
  // Near enough to read: that is how one moves about in it.
  const nearer = graph.getByRole("button", { name: "zoom in" });
  for (let time = 0; time < 4; time += 1) await nearer.click();
  const frames = collectFrames(page);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  for (let step = 0; step < 60; step += 1) {
    await page.mouse.move(
      box.x + box.width / 2 + 150 * Math.sin(step / 6),
      box.y + box.height / 2 + 100 * Math.cos(step / 6),
    );
  }
  await page.mouse.up();
  await page.evaluate(() => window.dispatchEvent(new Event("frames-end")));
  const lengths = await frames;
  figures.frames = { median: median(lengths), slowest: Math.max(...lengths), count: lengths.length };
  expect(median(lengths)).toBeLessThanOrEqual(FRAME_MS);
});

/** The lengths of the frames from now until `frames-end`, in milliseconds. */
function collectFrames(page: Page): Promise<number[]> {
  return page.evaluate(
    () =>
      new Promise<number[]>((resolve) => {
        const lengths: number[] = [];
        let before = performance.now();
        let on = true;
        window.addEventListener("frames-end", () => (on = false), { once: true });
        const frame = (now: number) => {
          lengths.push(now - before);
          before = now;
          if (on) requestAnimationFrame(frame);
          else resolve(lengths);
        };
        requestAnimationFrame(frame);
      }),
  );
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
