import { existsSync } from "node:fs";
import { defineConfig, devices } from "@playwright/test";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Each worker has a real server of its own (e2e/server.ts), with what was built into alma/web. */
export default defineConfig({
  testDir: "e2e",
  outputDir: "reports/e2e",
  fullyParallel: false,
  forbidOnly: process.env.CI !== undefined,
  workers: process.env.CI !== undefined ? 2 : 1,
  // A machine that builds other things as well may be slow for a moment; what passes at the second try is told as flaky.
  retries: process.env.CI !== undefined ? 1 : 0,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [["list"], ["json", { outputFile: "reports/e2e.json" }]],
  use: {
    ...devices["Desktop Chrome"],
    viewport: { width: 1360, height: 850 },
    locale: "en-US",
    timezoneId: "UTC",
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env.ALMA_CHROMIUM ?? CHROMIUM.find((path) => existsSync(path)) ?? CHROMIUM[0],
      // Root in a container has no sandbox of Chromium's.
      args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    },
  },
});
