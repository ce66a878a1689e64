import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Line, LiveState } from "./live";
import { onBreaks, onTurns } from "./news";
import { makeStore } from "./store";

const state = makeStore<LiveState>("open");
let tell: (line: Line) => void;
let asked: number;
let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  state.set("open");
  asked = 0;
  const watchAll = (listener: (line: Line) => void) => {
    tell = listener;
    return () => undefined;
  };
  stop = onTurns({ watchAll, state }, () => (asked += 1));
});

afterEach(() => {
  stop();
  vi.useRealTimers();
});

function line(type: Line["type"]): Line {
  return { type, deployment_id: "d", seq: 1, message: "", time: "" };
}

it("asks once for many turns at the same time, and not for a line of the log", async () => {
  tell(line("log"));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toBe(0);
  tell(line("status_change"));
  tell(line("complete"));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toBe(1);
  tell(line("status_change"));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toBe(2);
});

it("asks after a break, in which something may have happened", async () => {
  state.set("waiting");
  state.set("connecting");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toBe(0);
  state.set("open");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toBe(1);
});

it("asks for nothing any more once it was left", async () => {
  tell(line("complete"));
  stop();
  state.set("waiting");
  state.set("open");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toBe(0);
});

it("tells of a break once, and of its end", () => {
  const told: string[] = [];
  const leave = onBreaks({ state }, { lost: () => told.push("lost"), regained: () => told.push("regained") });
  state.set("connecting");
  state.set("open");
  expect(told).toEqual([]);
  for (const next of ["waiting", "connecting", "waiting", "idle", "connecting", "open"] as const)
    state.set(next);
  expect(told).toEqual(["lost", "regained"]);
  leave();
  state.set("waiting");
  expect(told).toEqual(["lost", "regained"]);
});
