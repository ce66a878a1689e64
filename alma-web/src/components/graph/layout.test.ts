import { describe, expect, it } from "vitest";
import type { Resource } from "@/lib/api/schema";
import { draw, NODE } from "./layout";

const vm = (name: string, more: Partial<Resource> = {}): Resource => ({ name, type: "vm", ...more });

describe("draw", () => {
  it("puts what is needed to the right of what needs it", () => {
    const { nodes } = draw({ resources: [vm("db"), vm("web", { depends_on: ["db"] })] });
    const x = Object.fromEntries(nodes.map((node) => [node.id, node.x]));
    expect(x.web).toBeLessThan(x.db ?? 0);
  });

  it("never lays two resources over each other", () => {
    const resources = Array.from({ length: 60 }, (_, n) =>
      vm(`vm-${n}`, n > 0 ? { depends_on: [`vm-${n >> 1}`] } : {}),
    );
    const { nodes } = draw({ resources });
    for (const a of nodes)
      for (const b of nodes)
        if (a.id < b.id)
          expect(
            Math.abs(a.x - b.x) >= NODE.width || Math.abs(a.y - b.y) >= NODE.height,
            `${a.id} ${b.id}`,
          ).toBe(true);
  });

  it("draws a network around what is attached to it", () => {
    const net: Resource = { name: "lan", type: "network" };
    const { nodes, groups } = draw({ resources: [net, vm("a", { network: { attach: "lan" } }), vm("b")] });
    expect(nodes.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(nodes[0]?.group).toBe("lan");
    expect(groups).toHaveLength(1);
    expect(groups[0]?.x).toBeLessThan(nodes[0]?.x ?? 0);
  });

  it("shows a network that nothing is attached to as a resource", () => {
    const { nodes, groups } = draw({ resources: [{ name: "lan", type: "network" }] });
    expect([nodes.length, groups.length]).toEqual([1, 0]);
  });

  it("leaves out lines to what is not there, and says each pair once", () => {
    const web = vm("web", { depends_on: ["db", "gone"], backends: ["db"] });
    expect(draw({ resources: [web, vm("db")] }).lines).toEqual([
      { id: "web→db", from: "web", to: "db", kind: "backend" },
    ]);
  });

  it("draws circles, which are refused elsewhere", () => {
    const resources = [vm("a", { depends_on: ["b"] }), vm("b", { depends_on: ["a"] })];
    expect(draw({ resources }).nodes).toHaveLength(2);
  });
});
