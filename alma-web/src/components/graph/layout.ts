/** A blueprint as nodes and lines with places, by Dagre. Pure: the same blueprint is always drawn the same way. */
import { Graph, layout as arrange } from "@dagrejs/dagre";
import type { Blueprint, Resource } from "@/lib/api/schema";

export const NODE = { width: 208, height: 72 };
const GROUP_PAD = { side: 20, top: 44 };

export interface PlacedNode {
  id: string;
  resource: Resource;
  x: number;
  y: number;
  /** The network it is drawn within. */
  group: string | null;
}

export interface PlacedGroup {
  id: string;
  resource: Resource;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Line {
  id: string;
  from: string;
  to: string;
  kind: "depends_on" | "backend" | "mount";
}

export interface Drawing {
  nodes: PlacedNode[];
  groups: PlacedGroup[];
  lines: Line[];
}

/** The names of the networks a resource is attached to. */
export function networksOf(resource: Resource): string[] {
  const attach = resource.network?.attach;
  if (attach === undefined) return [];
  return (Array.isArray(attach) ? attach : [attach]).map(String);
}

function linesOf(resources: readonly Resource[]): Line[] {
  const names = new Set(resources.map(({ name }) => name));
  return resources.flatMap((resource) => {
    const wanted: [Line["kind"], string[]][] = [
      ["backend", resource.backends ?? []],
      ["depends_on", resource.depends_on ?? []],
      ["mount", (resource.mounts ?? []).map(({ volume }) => volume)],
    ];
    const seen = new Set<string>();
    return wanted.flatMap(([kind, others]) =>
      others
        .filter((to) => names.has(to) && to !== resource.name && !seen.has(to) && seen.add(to))
        .map((to) => ({ id: `${resource.name}→${to}`, from: resource.name, to, kind })),
    );
  });
}

/** Where everything goes, in pixels, from left (what is used by people) to right (what others need). */
export function draw(blueprint: Pick<Blueprint, "resources">): Drawing {
  const resources = blueprint.resources ?? [];
  const networks = new Map(
    resources.filter(({ type }) => type === "network").map((item) => [item.name, item]),
  );
  const members = new Map<string, string>();
  for (const resource of resources) {
    const home = networksOf(resource).find((name) => networks.has(name));
    if (home !== undefined) members.set(resource.name, home);
  }
  const used = new Set(members.values());
  const inside = resources.filter(({ name }) => !used.has(name));
  const lines = linesOf(resources).filter(({ to, from }) => !used.has(to) && !used.has(from));

  const graph = new Graph({ compound: true });
  graph.setGraph({ rankdir: "LR", nodesep: 24, ranksep: 72, marginx: 16, marginy: 16 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const name of used) graph.setNode(`net:${name}`, {});
  for (const { name } of inside) {
    graph.setNode(name, { ...NODE });
    const home = members.get(name);
    if (home !== undefined) graph.setParent(name, `net:${home}`);
  }
  for (const { from, to } of lines) graph.setEdge(from, to);
  arrange(graph);

  const nodes = inside.map((resource) => {
    const { x, y } = graph.node(resource.name) as { x: number; y: number };
    return {
      id: resource.name,
      resource,
      x: x - NODE.width / 2,
      y: y - NODE.height / 2,
      group: members.get(resource.name) ?? null,
    };
  });
  const groups = [...used].flatMap((name) => {
    const resource = networks.get(name);
    return resource === undefined ? [] : [around(resource, nodes)];
  });
  return { nodes, groups, lines };
}

function around(resource: Resource, nodes: readonly PlacedNode[]): PlacedGroup {
  const own = nodes.filter(({ group }) => group === resource.name);
  const left = Math.min(...own.map(({ x }) => x)) - GROUP_PAD.side;
  const top = Math.min(...own.map(({ y }) => y)) - GROUP_PAD.top;
  const right = Math.max(...own.map(({ x }) => x + NODE.width)) + GROUP_PAD.side;
  const bottom = Math.max(...own.map(({ y }) => y + NODE.height)) + GROUP_PAD.side;
  return { id: resource.name, resource, x: left, y: top, width: right - left, height: bottom - top };
}
