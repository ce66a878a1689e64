import { afterEach, describe, expect, it } from "vitest";
import { Problem, unreachable } from "./problem";
import { changed, every, queries } from "./queries";

const defaults = queries.getDefaultOptions().queries;
const retry = defaults?.retry as (count: number, error: unknown) => boolean;
const delay = defaults?.retryDelay as (count: number, error: unknown) => number;

afterEach(() => queries.clear());

describe("a failed question", () => {
  it("is asked again when that may help, and not for ever", () => {
    const down = new Problem("", { status: 503 });
    expect([0, 1, 2, 3].map((count) => retry(count, down))).toEqual([true, true, true, false]);
    expect(retry(0, new Problem("", { status: 403 }))).toBe(false);
  });

  it("waits as long as the server asks for, and longer each time where it does not say", () => {
    expect(delay(0, new Problem("", { status: 429, retryAfter: 7 }))).toBe(7_000);
    expect([0, 1, 2].map((count) => delay(count, new Problem("", { status: 500 })))).toEqual([
      1_000, 2_000, 4_000,
    ]);
  });
});

describe("what nobody answered", () => {
  const again = defaults?.refetchInterval as (query: { state: { error: unknown } }) => number | false;

  it("is asked again until somebody does, and what was refused is not", () => {
    expect(again({ state: { error: unreachable() } })).toBeGreaterThan(0);
    expect(again({ state: { error: new Problem("", { status: 502 }) } })).toBeGreaterThan(0);
    expect(again({ state: { error: new Problem("", { status: 500 }) } })).toBe(false);
    expect(again({ state: { error: new Problem("", { status: 404 }) } })).toBe(false);
    expect(again({ state: { error: null } })).toBe(false);
  });

  it("is asked whatever the browser thinks of the network", () => {
    expect(defaults?.networkMode).toBe("always");
    expect(queries.getDefaultOptions().mutations?.networkMode).toBe("always");
  });
});

describe("what is asked again and again", () => {
  const after = (failures: number) => every(5)({ state: { error: null, fetchFailureCount: failures } });
  it("is asked less often the more often it failed", () => {
    expect([0, 1, 2, 3, 9].map(after)).toEqual([5_000, 10_000, 20_000, 30_000, 30_000]);
  });

  it("is asked for soon when nobody was there", () => {
    expect(every(60)({ state: { error: unreachable(), fetchFailureCount: 4 } })).toBe(5_000);
  });

  it("is never asked more often than it should be", () => {
    expect(every(60)({ state: { error: null, fetchFailureCount: 5 } })).toBe(60_000);
  });
});

describe("what has changed", () => {
  function known(path: string): boolean {
    return queries.getQueryState(["get", path])?.isInvalidated ?? false;
  }

  it("is asked for anew, with what is below it, and nothing else", () => {
    for (const path of ["/api/v1/iprs", "/api/v1/iprs/{ipr_id}", "/api/v1/stacks"]) {
      queries.setQueryData(["get", path], {});
    }
    changed("/api/v1/iprs");
    expect(known("/api/v1/iprs")).toBe(true);
    expect(known("/api/v1/iprs/{ipr_id}")).toBe(true);
    expect(known("/api/v1/stacks")).toBe(false);
  });
});
