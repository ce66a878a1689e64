import { existsSync, readdirSync } from "node:fs";
import { defineConfig, devices } from "@playwright/test";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** A suite is a project, so that none meets what another has left: each has a real server of its own. */
const SUITES = readdirSync(new URL("e2e", import.meta.url)).filter((name) => name.endsWith(".spec.ts"));

/** Each worker has a real server of its own (e2e/server.ts), with what was built into alma/web. */
export default defineConfig({
  testDir: "e2e",
  outputDir: "reports/e2e",
  fullyParallel: false,
  forbidOnly: process.env.CI !== undefined,
  workers: process.env.CI !== undefined ? 2 : 1,
  // A machine that builds other things as well may be slow for a moment; what passes at the second try is told as flaky.
  retries: process.env.CI !== undefined ? 1 : 0,
  // For a machine that does much else: nothing is waited for longer than it takes.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  projects: SUITES.map((name) => ({ name: name.replace(".spec.ts", ""), testMatch: name })),
  reporter: [["list"], ["json", { outputFile: "reports/e2e.json" }]],
  use: {
    ...devices["Desktop Chrome"],
    viewport: { width: 1360, height: 850 },
    locale: "en-US",
    timezoneId: "UTC",
    // What fades in or out is two things at once for a moment, or has too little contrast.
    contextOptions: { reducedMotion: "reduce" },
    // Pages are kept as they were, and one picture of the end: a picture of every frame cost a quarter of the time.
    trace: { mode: "retain-on-failure", screenshots: false },
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env.ALMA_CHROMIUM ?? CHROMIUM.find((path) => existsSync(path)) ?? CHROMIUM[0],
      // Root in a container has no sandbox of Chromium's.
      args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    },
  },
});
