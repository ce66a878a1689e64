/** What every page is held to: no serious problem of accessibility, no fault of its own, and a picture to look at. */
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** Collects what the page itself complains of, from now on. */
export function faultsOf(page: Page): string[] {
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    // That an answer was a failure is the server's word, and tested where it is shown.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      faults.push(message.text());
    }
  });
  return faults;
}

/** Waits until nothing is on its way from one look to another. What goes round and round stays out of this. */
export async function atRest(page: Page): Promise<void> {
  await page.evaluate(async () => {
    // What a new size or scheme sets in motion has begun when two pictures were drawn.
    for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
    await Promise.all(
      document
        .getAnimations()
        .filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity)
        .map((animation) => animation.finished.catch(() => null)),
    );
  });
}

/** No serious problem for those who can't see, or not well, or use no mouse. */
export async function accessible(page: Page): Promise<void> {
  // What comes or goes while it is looked at is half there: only what is so at a second look is a problem.
  if ((await problemsOf(page)).length > 0) expect(await problemsOf(page)).toEqual([]);
}

async function problemsOf(page: Page): Promise<string[]> {
  await atRest(page);
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
}

/** Everything that the page waits for is there. */
export async function loaded(page: Page): Promise<void> {
  await expect(page.locator("[aria-busy=true], [aria-label=Loading]")).toHaveCount(0);
}

/** The page is no wider than the screen, once all of it is there. */
export async function fits(page: Page): Promise<void> {
  await loaded(page);
  await expect.poll(() => widerThanTheScreen(page), "scrolls sideways").toBe(0);
}

/** By how many pixels the page scrolls sideways. */
export async function widerThanTheScreen(page: Page): Promise<number> {
  await atRest(page);
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return Math.max(0, scrollWidth - clientWidth);
  });
}

/** What is said at the edge of the page and goes away again: kept from now on, whenever it is asked for. */
export async function toastsOf(page: Page): Promise<() => Promise<string[]>> {
  const kept = await page.evaluateHandle(() => {
    const said: string[] = [];
    const note = () => {
      for (const toast of document.querySelectorAll(".mantine-Notification-root")) {
        if (!said.includes(toast.textContent)) said.push(toast.textContent);
      }
    };
    new MutationObserver(note).observe(document.body, { childList: true, subtree: true });
    return said;
  });
  return () => kept.jsonValue();
}

/** A picture of the page in reports/screenshots, in the colours it has. */
export async function pictured(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `reports/screenshots/${name}.png`, animations: "disabled" });
}
