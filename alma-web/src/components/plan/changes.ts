/** The changes of a plan as people go through them: what can't be undone first, found by words, and by place. */
import type { Action, ChangeView, PlanView, Resource } from "@/lib/api/schema";
import { shown, words } from "@/lib/format";

export const ACTION_COLORS: Record<Action, string> = {
  create: "green",
  update: "blue",
  replace: "orange",
  delete: "red",
  adopt: "teal",
  release: "grape",
  "no-op": "gray",
};

export interface ChangeGroup {
  key: string;
  title: string;
  changes: readonly ChangeView[];
}

const GROUPS: { key: string; title: string; holds: (change: ChangeView) => boolean }[] = [
  { key: "destructive", title: "Data or a running service goes away", holds: (c) => c.destructive },
  { key: "restart", title: "Restarts", holds: (c) => c.reboots },
  {
    key: "replace",
    title: "Made anew or removed",
    holds: (c) => c.action === "replace" || c.action === "delete",
  },
  { key: "update", title: "Changes in place", holds: (c) => c.action === "update" },
  { key: "create", title: "New", holds: (c) => c.action === "create" },
  { key: "marker", title: "Taken over or let go, as it is", holds: () => true },
];

/** What needs the closest look comes first; within that, the order in which it would be done. */
export function grouped(changes: readonly ChangeView[]): ChangeGroup[] {
  const rest = changes.filter(({ action }) => action !== "no-op");
  const taken = new Map<string, ChangeView[]>();
  for (const change of rest) {
    const key = GROUPS.find(({ holds }) => holds(change))?.key ?? "marker";
    taken.set(key, [...(taken.get(key) ?? []), change]);
  }
  return GROUPS.flatMap(({ key, title }) => {
    const found = taken.get(key);
    return found === undefined ? [] : [{ key, title, changes: found }];
  });
}

/** Those that have every one of the words in them: in the address, type, action, reason, or a field. */
export function matching(changes: readonly ChangeView[], sought: string): readonly ChangeView[] {
  const parts = sought.toLowerCase().split(/\s+/).filter(Boolean);
  if (parts.length === 0) return changes;
  return changes.filter((change) => {
    const text = textOf(change);
    return parts.every((part) => text.includes(part));
  });
}

function textOf({ address, type, action, reason, fields, wanted }: ChangeView): string {
  const values = fields.flatMap(({ path, before, after }) => [path, shown(before), shown(after)]);
  const said = Object.entries(wanted).flatMap(([path, value]) => [path, shown(value)]);
  return [address, words(type), action, reason, ...values, ...said].join(" ").toLowerCase();
}

export type Place =
  | { kind: "resource"; name: string }
  | { kind: "change"; address: string }
  | { kind: "cost" }
  | { kind: "blueprint" };

/** What a citation's path names. Names may have dots in them, so what is known decides. */
export function placeOf(path: string, names: readonly string[]): Place {
  const [root, ...rest] = path.split(".");
  const behind = rest.join(".");
  if (root === "estimate") return { kind: "cost" };
  if (root === "resources") {
    const name = longest(names, behind);
    return name === null ? { kind: "blueprint" } : { kind: "resource", name };
  }
  if (root === "plan" && rest[0] === "changes" && rest.length > 1) {
    return { kind: "change", address: rest.slice(1).join(".") };
  }
  return { kind: "blueprint" };
}

function longest(names: readonly string[], path: string): string | null {
  const found = names.filter((name) => path === name || path.startsWith(`${name}.`));
  return found.reduce<string | null>((most, name) => (name.length > (most?.length ?? 0) ? name : most), null);
}

/** The changes that a resource of the blueprint stands behind: its own, or one for each of its instances. */
export function changesOf(
  resource: Pick<Resource, "name" | "count">,
  changes: readonly ChangeView[],
): readonly ChangeView[] {
  const { name, count = 1 } = resource;
  const instance = new RegExp(`^${escaped(name)}-\\d+$`);
  return changes.filter(({ address }) => address === name || (count > 1 && instance.test(address)));
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** What the plan does to each resource, in a word, for the graph. */
export function marksOf(
  resources: readonly Pick<Resource, "name" | "count">[],
  changes: readonly ChangeView[],
): Record<string, { text: string; color: string }> {
  const weight: Action[] = ["delete", "replace", "update", "release", "adopt", "create"];
  const marks: Record<string, { text: string; color: string }> = {};
  for (const resource of resources) {
    const actions = changesOf(resource, changes)
      .map(({ action }) => action)
      .filter((action) => action !== "no-op");
    const first = weight.find((action) => actions.some((one) => one === action));
    if (first !== undefined) marks[resource.name] = { text: words(first), color: ACTION_COLORS[first] };
  }
  return marks;
}

export interface PlanDifference {
  address: string;
  what: "new" | "gone" | "other";
  before: ChangeView | null;
  after: ChangeView | null;
}

/** How one plan differs from another that somebody has looked at, address by address. */
export function between(
  before: Pick<PlanView, "changes">,
  after: Pick<PlanView, "changes">,
): PlanDifference[] {
  const then = new Map(effective(before).map((change) => [change.address, change]));
  const now = new Map(effective(after).map((change) => [change.address, change]));
  const addresses = [...new Set([...then.keys(), ...now.keys()])];
  return addresses.flatMap<PlanDifference>((address) => {
    const was = then.get(address) ?? null;
    const is = now.get(address) ?? null;
    if (was === null) return [{ address, what: "new", before: was, after: is }];
    if (is === null) return [{ address, what: "gone", before: was, after: is }];
    return same(was, is) ? [] : [{ address, what: "other", before: was, after: is }];
  });
}

function effective({ changes }: Pick<PlanView, "changes">): readonly ChangeView[] {
  return changes.filter(({ action }) => action !== "no-op");
}

function same(one: ChangeView, other: ChangeView): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What an element of the page is called that shows this change. */
export function changeId(address: string): string {
  return `change-${address}`;
}
