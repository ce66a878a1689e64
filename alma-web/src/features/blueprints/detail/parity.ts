/**
 * The same blueprint on several engines, property by property.
 *
 * A plan names what its engine does not honour exactly. Whatever a resource says and no plan names is honoured as it is.
 */
import type { Blueprint, PlanView, Resource, SupportLevel } from "@/lib/api/schema";

export interface Cell {
  level: SupportLevel;
  reason: string;
}

export interface Row {
  /** The resource's name; of something implied, its address. */
  resource: string;
  path: string;
  /** By engine; null where the plan says nothing of the resource at all. */
  cells: Record<string, Cell | null>;
  differs: boolean;
}

/** What changes nothing on an engine. */
const WORDS = new Set(["name", "description", "metadata", "labels", "options"]);
const EQUAL: Cell = { level: "equal", reason: "" };
const WEIGHT: SupportLevel[] = ["equal", "approximated", "unsupported"];

/** The paths of what is set, lists as a whole. */
export function pathsOf(value: object, prefix = ""): string[] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    const path = prefix === "" ? key : `${prefix}.${key}`;
    if (inner === null || inner === undefined) return [];
    if (typeof inner === "object" && !Array.isArray(inner)) return pathsOf(inner, path);
    return Array.isArray(inner) && inner.length === 0 ? [] : [path];
  });
}

/** Equal instances are called `web`, `web-2`, `web-3`. */
function instancesOf({ name, count }: Resource): string[] {
  return Array.from({ length: Math.max(count ?? 1, 1) }, (_, n) => (n === 0 ? name : `${name}-${n + 1}`));
}

function touches(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);
}

function worst(cells: readonly Cell[]): Cell {
  return [...cells].sort((a, b) => WEIGHT.indexOf(b.level) - WEIGHT.indexOf(a.level))[0] ?? EQUAL;
}

export function parityOf(
  blueprint: Pick<Blueprint, "resources">,
  plans: Readonly<Record<string, PlanView>>,
): Row[] {
  const owner = new Map<string, string>();
  const paths = new Map<string, Set<string>>();
  for (const resource of blueprint.resources ?? []) {
    for (const address of instancesOf(resource)) owner.set(address, resource.name);
    const own = pathsOf(resource).filter((path) => !WORDS.has(path.split(".")[0] ?? ""));
    paths.set(resource.name, new Set(own));
  }
  const told = new Map<string, Record<string, Record<string, Cell[]>>>();
  for (const [engine, plan] of Object.entries(plans)) {
    for (const { address, support } of plan.changes) {
      const name = owner.get(address) ?? address;
      const known = told.get(name) ?? {};
      told.set(name, known);
      const cells = (known[engine] ??= {});
      for (const { path, level, reason } of support) (cells[path] ??= []).push({ level, reason });
    }
  }
  for (const [name, byEngine] of told) {
    const own = paths.get(name) ?? new Set<string>();
    paths.set(name, own);
    for (const cells of Object.values(byEngine))
      for (const path of Object.keys(cells))
        if (![...own].some((known) => touches(known, path))) own.add(path);
  }
  const engines = Object.keys(plans);
  return [...paths].flatMap(([resource, own]) =>
    [...own].map((path) => {
      const cells = Object.fromEntries(
        engines.map((engine) => {
          const known = told.get(resource)?.[engine];
          if (known === undefined) return [engine, null];
          const fitting = Object.entries(known).filter(([other]) => touches(other, path));
          return [engine, worst(fitting.flatMap(([, found]) => found))];
        }),
      );
      return { resource, path, cells, differs: Object.values(cells).some((cell) => cell?.level !== "equal") };
    }),
  );
}
