import { expect, it } from "vitest";
import type { ObservedResource, Recorded, StackSummary, StackView } from "@/lib/api/schema";
import { byEngine, differencesOf, isPast, rowsOf, standingOf } from "./standing";

const recorded = (address: string, properties = {}): Recorded => ({
  address,
  type: "container",
  object_id: address,
  properties,
  retain: false,
  site: {},
  deployment_id: "d",
  updated_at: "2026-01-01T00:00:00Z",
});
const observed = (address: string, more: Partial<ObservedResource> = {}): ObservedResource => ({
  address,
  type: "container",
  object_id: address,
  name: address,
  key: "",
  status: "running",
  ...more,
});
const stack = (more: Partial<StackView>) => ({
  recorded: [],
  observed: [],
  drift: [],
  problem: null,
  ...more,
});

it("takes what could not be read for unknown, and not for nothing", () => {
  const unread = stack({ observed: null, problem: "connection refused", recorded: [recorded("web")] });
  expect(standingOf(unread)).toEqual({ health: "unknown", words: "connection refused" });
  expect(rowsOf(unread).map(({ state }) => state)).toEqual(["unread"]);
});

it("takes an empty answer for what is gone", () => {
  const gone = stack({
    recorded: [recorded("web")],
    drift: [{ address: "web", kind: "gone", detail: "" }],
  });
  expect(standingOf(gone)).toEqual({ health: "degraded", words: "1 gone" });
  expect(rowsOf(gone).map(({ state }) => state)).toEqual(["gone"]);
});

it("counts what does not work", () => {
  const some = stack({
    observed: [observed("a"), observed("b", { status: "unhealthy" }), observed("c", { status: undefined })],
  });
  expect(standingOf(some)).toEqual({ health: "degraded", words: "1 unhealthy, 1 unknown" });
  const well = stack({ observed: [observed("a"), observed("b", { status: "present" })] });
  expect(standingOf(well)).toEqual({ health: "healthy", words: "1 running, 1 present" });
  expect(standingOf(stack({})).health).toBe("nothing");
});

it("lays what was recorded beside what was seen, instances in the order people count", () => {
  const rows = rowsOf(
    stack({
      recorded: [recorded("web-10"), recorded("web-2")],
      observed: [observed("web-2"), observed("left-over")],
    }),
  );
  expect(rows.map(({ address, state }) => `${address} ${state}`)).toEqual([
    "left-over running",
    "web-2 running",
    "web-10 gone",
  ]);
});

it("tells a drift by its fields, before and now", () => {
  const [row] = rowsOf(
    stack({
      recorded: [recorded("web", { "specs.cpu": 2, image: "a" })],
      observed: [observed("web", { properties: { "specs.cpu": 9, image: "a" } })],
      drift: [{ address: "web", kind: "changed", detail: "", paths: ["specs.cpu", "env.MODE"] }],
    }),
  );
  if (row === undefined) throw new Error("no row");
  expect(differencesOf(row)).toEqual([
    { path: "specs.cpu", before: 2, now: 9 },
    { path: "env.MODE", before: undefined, now: undefined },
  ]);
});

it("tells where something that moved was and is", () => {
  const [row] = rowsOf(
    stack({
      recorded: [{ ...recorded("web"), site: { node: "pve1" } }],
      observed: [observed("web", { site: { node: "pve2" } })],
      drift: [{ address: "web", kind: "moved", detail: "", paths: ["node"] }],
    }),
  );
  if (row === undefined) throw new Error("no row");
  expect(differencesOf(row)).toEqual([{ path: "node", before: "pve1", now: "pve2" }]);
});

it("groups stacks by engine, and knows which are history", () => {
  const one = (name: string, engine: string): StackSummary => ({
    id: name,
    name,
    engine,
    blueprint_id: 1,
    revision: 1,
    resources: 1,
    created_at: "",
    links: {},
  });
  expect(byEngine([one("a", "simulation"), one("b", "docker"), one("c", "simulation")])).toMatchObject([
    ["docker", [{ name: "b" }]],
    ["simulation", [{ name: "a" }, { name: "c" }]],
  ]);
  expect(isPast({ revision: null, resources: 0 })).toBe(true);
  expect(isPast({ revision: null, resources: 1 })).toBe(false);
});
