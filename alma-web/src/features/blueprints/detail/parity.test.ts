import { describe, expect, it } from "vitest";
import type { ChangeView, PlanView, Support } from "@/lib/api/schema";
import { parityOf, pathsOf } from "./parity";

const change = (address: string, support: Support[] = []): ChangeView => ({
  address,
  type: "vm",
  action: "create",
  reason: "",
  fields: [],
  wanted: {},
  support,
  after: [],
  destructive: false,
  reboots: false,
  implied: false,
  object_id: null,
});
const plan = (...changes: ChangeView[]) => ({ changes }) as unknown as PlanView;
const disk: Support = { path: "specs.disk", level: "approximated", reason: "it grows" };

describe("pathsOf", () => {
  it("names what is set, lists as a whole", () => {
    expect(pathsOf({ a: 1, b: { c: null, d: [1] }, e: [], f: { g: { h: false } } })).toEqual([
      "a",
      "b.d",
      "f.g.h",
    ]);
  });
});

describe("parityOf", () => {
  const blueprint = {
    resources: [
      { name: "web", type: "vm" as const, count: 2, specs: { cpu: 1, disk: "8GB" }, description: "x" },
    ],
  };

  it("takes what no plan names for equal", () => {
    const rows = parityOf(blueprint, { a: plan(change("web"), change("web-2")) });
    expect(rows.map(({ path }) => path)).toEqual(["type", "count", "specs.cpu", "specs.disk"]);
    expect(rows.every(({ differs, cells }) => !differs && cells.a?.level === "equal")).toBe(true);
  });

  it("says for each engine what it does with a property, and why", () => {
    const rows = parityOf(blueprint, {
      a: plan(change("web")),
      b: plan(change("web"), change("web-2", [disk])),
    });
    const row = rows.find(({ path }) => path === "specs.disk");
    expect(row?.cells).toEqual({
      a: { level: "equal", reason: "" },
      b: { level: "approximated", reason: "it grows" },
    });
    expect(row?.differs).toBe(true);
  });

  it("has what is implied, and says where a plan has nothing of a resource", () => {
    const rows = parityOf(blueprint, { a: plan(change("web-data", [disk])) });
    expect(rows.find(({ resource }) => resource === "web-data")?.cells.a?.level).toBe("approximated");
    expect(rows.find(({ resource }) => resource === "web")?.cells.a).toBeNull();
  });

  it("gives the worst where several are said of one property", () => {
    const none: Support = { path: "specs", level: "unsupported", reason: "none" };
    const rows = parityOf(blueprint, { a: plan(change("web", [disk, none])) });
    expect(rows.find(({ path }) => path === "specs.disk")?.cells.a?.level).toBe("unsupported");
    expect(rows.find(({ path }) => path === "specs.cpu")?.cells.a?.level).toBe("unsupported");
  });
});
