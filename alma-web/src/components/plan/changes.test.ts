import { describe, expect, it } from "vitest";
import type { ChangeView } from "@/lib/api/schema";
import { between, changesOf, grouped, marksOf, matching, placeOf } from "./changes";

function change(address: string, more: Partial<ChangeView> = {}): ChangeView {
  return {
    address,
    type: "vm",
    action: "update",
    reason: "the blueprint changed",
    fields: [],
    wanted: {},
    support: [],
    after: [],
    destructive: false,
    reboots: false,
    implied: false,
    object_id: null,
    ...more,
  };
}

describe("grouped", () => {
  it("has what destroys first, then what restarts, and leaves out what stays", () => {
    const groups = grouped([
      change("new", { action: "create" }),
      change("same", { action: "no-op" }),
      change("restarted", { reboots: true }),
      change("gone", { action: "delete", destructive: true, reboots: true }),
      change("anew", { action: "replace" }),
      change("taken", { action: "adopt" }),
      change("b"),
      change("a"),
    ]);
    expect(groups.map(({ key, changes }) => [key, ...changes.map(({ address }) => address)])).toEqual([
      ["destructive", "gone"],
      ["restart", "restarted"],
      ["replace", "anew"],
      ["update", "b", "a"],
      ["create", "new"],
      ["marker", "taken"],
    ]);
  });
});

describe("matching", () => {
  const found = (words: string) =>
    matching(
      [
        change("web-1", { fields: [{ path: "specs.memory", before: "2GiB", after: "4GiB" }] }),
        change("db", { type: "load_balancer", wanted: { image: "haproxy:3.0" } }),
      ],
      words,
    ).map(({ address }) => address);

  it("finds by name, type, field and value, all words at once", () => {
    expect(found("")).toEqual(["web-1", "db"]);
    expect(found("MEMORY 4gib")).toEqual(["web-1"]);
    expect(found("load balancer")).toEqual(["db"]);
    expect(found("haproxy")).toEqual(["db"]);
    expect(found("memory haproxy")).toEqual([]);
  });
});

describe("placeOf", () => {
  it("leads to the resource with the longest name that fits", () => {
    const names = ["db", "db.replica"];
    expect(placeOf("resources.db.backup.enabled", names)).toEqual({ kind: "resource", name: "db" });
    expect(placeOf("resources.db.replica.count", names)).toEqual({ kind: "resource", name: "db.replica" });
    expect(placeOf("resources.dbs", names)).toEqual({ kind: "blueprint" });
  });

  it("leads to the change, the cost, or the blueprint", () => {
    expect(placeOf("plan.changes.web.1", [])).toEqual({ kind: "change", address: "web.1" });
    expect(placeOf("estimate.monthly", [])).toEqual({ kind: "cost" });
    expect(placeOf("metadata.owner", [])).toEqual({ kind: "blueprint" });
  });
});

describe("changesOf", () => {
  const changes = [change("web"), change("web-1"), change("web-2"), change("web-data"), change("webx1-1")];

  it("has the instances of what is there more than once, and no namesakes", () => {
    expect(changesOf({ name: "web", count: 2 }, changes).map(({ address }) => address)).toEqual([
      "web",
      "web-1",
      "web-2",
    ]);
    expect(changesOf({ name: "web" }, changes).map(({ address }) => address)).toEqual(["web"]);
    expect(changesOf({ name: "web.1", count: 2 }, changes)).toEqual([]);
  });

  it("marks a resource with the gravest of what is done to it", () => {
    const some = [change("web-1", { action: "create" }), change("web-2", { action: "replace" })];
    expect(marksOf([{ name: "web", count: 2 }, { name: "db" }], some)).toEqual({
      web: { text: "replace", color: "orange" },
    });
  });
});

describe("between", () => {
  it("tells what is new, gone and otherwise, and nothing of what is the same or stays", () => {
    const before = { changes: [change("a"), change("b"), change("c"), change("d", { action: "no-op" })] };
    const after = {
      changes: [
        change("a"),
        change("b", { action: "replace" }),
        change("d"),
        change("e", { action: "no-op" }),
      ],
    };
    expect(between(before, after).map(({ address, what }) => [address, what])).toEqual([
      ["b", "other"],
      ["c", "gone"],
      ["d", "new"],
    ]);
  });
});
