import { expect, it } from "vitest";
import type { Resource } from "@/lib/api/schema";
import type { Line } from "@/lib/live";
import {
  isOpenable,
  marksOf,
  missingLine,
  progressOf,
  resourceOf,
  secondsOf,
  spanOf,
  stateOf,
  type Progress,
  type Step,
} from "./run";

function line(seq: number, more: Partial<Line>): Line {
  return {
    deployment_id: "d",
    seq,
    time: `2026-01-01T00:00:${String(seq).padStart(2, "0")}Z`,
    type: "progress",
    message: "",
    address: null,
    ...more,
  };
}
function step(address: string, more: Partial<Step> = {}): Step {
  return { address, action: "create", key: address, state: "pending", ...more };
}
const done = (address: string, state: Progress["state"]): Progress => ({ ...step(address), state });

it("believes the log where it is ahead of what was read", () => {
  const [web] = progressOf({ status: "running", steps: [step("web")] }, [
    line(4, { address: "web", data: { state: "running", undo: false } }),
  ]);
  expect(web).toMatchObject({ state: "running", started_at: "2026-01-01T00:00:04Z", finished_at: null });
});

it("believes what was read where the log is behind", () => {
  const [web] = progressOf({ status: "running", steps: [step("web", { state: "succeeded" })] }, [
    line(4, { address: "web", data: { state: "running" } }),
  ]);
  expect(web?.state).toBe("succeeded");
});

it("tells an undo from a first try, and an undo that fails from one that is done", () => {
  const undone = [
    line(1, { address: "web", data: { state: "running", undo: false } }),
    line(2, { address: "web", data: { state: "succeeded" } }),
    line(3, { address: "web", data: { state: "running", undo: true } }),
  ];
  const read = { status: "rolling_back" as const, steps: [step("web", { state: "succeeded" })] };
  expect(progressOf(read, undone)[0]?.state).toBe("rolling_back");
  const failed = line(4, { type: "error", address: "web", message: "no", data: { state: "failed" } });
  expect(progressOf(read, [...undone, failed])[0]).toMatchObject({ state: "failed", error: "no" });
});

it("is not led astray by the lines of checks, nor by lines of the whole", () => {
  const read = { status: "verifying" as const, steps: [step("web", { state: "succeeded" })] };
  const lines = [
    line(1, { type: "log", address: "web", data: { passed: false, name: "tcp" } }),
    line(2, { data: { state: "running" } }),
  ];
  expect(progressOf(read, lines)[0]?.state).toBe("succeeded");
});

it("after the end shows the end", () => {
  const read = { status: "cancelled" as const, steps: [step("web", { state: "skipped" })] };
  const lines = [line(1, { address: "web", data: { state: "running" } })];
  expect(progressOf(read, lines)[0]?.state).toBe("skipped");
});

it("never lets the run go back", () => {
  const lines = [line(1, { type: "status_change", data: { state: "running" } })];
  expect(stateOf({ status: "queued" }, lines)).toBe("running");
  expect(stateOf({ status: "failed" }, lines)).toBe("failed");
  expect(stateOf({ status: "running" }, [line(1, { type: "complete", data: { state: "x" } })])).toBe(
    "running",
  );
});

const RESOURCES = [
  { name: "web", type: "service", count: 3 },
  { name: "db-1", type: "database" },
] as Resource[];

it("knows instances by their names", () => {
  expect(resourceOf("web", RESOURCES)).toBe("web");
  expect(resourceOf("web-3", RESOURCES)).toBe("web");
  expect(resourceOf("web-4", RESOURCES)).toBeNull();
  expect(resourceOf("db-1", RESOURCES)).toBe("db-1");
  expect(resourceOf("network", RESOURCES)).toBeNull();
});

it("marks a resource by the instance that fares worst", () => {
  const marks = marksOf(RESOURCES, [
    done("web", "succeeded"),
    done("web-2", "failed"),
    done("web-3", "succeeded"),
    done("db-1", "succeeded"),
    done("network", "running"),
  ]);
  expect(marks).toEqual({
    web: { text: "1/3 failed", color: "red" },
    "db-1": { text: "done", color: "green" },
  });
});

it("finds the first line that is missing", () => {
  expect(missingLine([1, 2, 3].map((seq) => line(seq, {})))).toBeNull();
  expect(missingLine([1, 2, 4].map((seq) => line(seq, {})))).toBe(3);
  expect(missingLine([])).toBeNull();
});

it("counts time up to now, and never below nothing", () => {
  expect(secondsOf(null, null, 0)).toBeNull();
  expect(secondsOf("2026-01-01T00:00:00Z", "2026-01-01T00:00:05Z", 0)).toBe(5);
  expect(secondsOf("2026-01-01T00:00:05Z", null, Date.parse("2026-01-01T00:00:00Z"))).toBe(0);
});

it("places a step within the run", () => {
  const run = { from: Date.parse("2026-01-01T00:00:00Z"), to: Date.parse("2026-01-01T00:00:10Z") };
  const at = (from: string | null, to: string | null) =>
    spanOf({ started_at: from, finished_at: to }, run, run.to);
  expect(at("2026-01-01T00:00:05Z", null)).toEqual({ left: 50, width: 50 });
  expect(at("2026-01-01T00:00:10Z", "2026-01-01T00:00:10Z")).toEqual({ left: 100, width: 0 });
  expect(at(null, null)).toBeNull();
});

it("opens web addresses only", () => {
  expect(isOpenable("http://127.0.0.1:8080")).toBe(true);
  for (const other of ["javascript:alert(1)", "simulation://a:80", "postgres://x", "", "data:text/html,x"]) {
    expect(isOpenable(other)).toBe(false);
  }
});
