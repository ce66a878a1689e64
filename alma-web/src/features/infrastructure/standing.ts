/** What runs of a stack, told from what was recorded and what was seen. Pure: nothing is guessed of what was not read. */
import type { Drift, JsonValue, ObservedResource, Recorded, StackSummary, StackView } from "@/lib/api/schema";

export type Health = "healthy" | "degraded" | "unknown" | "nothing";

export interface Standing {
  health: Health;
  /** In words: what is not as it should be. */
  words: string;
}

const WORKS = new Set(["running", "present"]);

function counted(states: readonly string[]): string {
  const numbers = new Map<string, number>();
  for (const state of states) numbers.set(state, (numbers.get(state) ?? 0) + 1);
  return [...numbers].map(([state, number]) => `${number} ${state}`).join(", ");
}

/** The whole of a stack in a word. What could not be read is unknown, never healthy and never nothing. */
export function standingOf(stack: Pick<StackView, "observed" | "drift" | "problem" | "recorded">): Standing {
  if (stack.observed === null) return { health: "unknown", words: stack.problem ?? "It could not be read" };
  if (stack.observed.length === 0 && stack.recorded.length === 0) {
    return { health: "nothing", words: "Nothing of it is there" };
  }
  const bad = stack.observed.map(({ status }) => status ?? "unknown").filter((status) => !WORKS.has(status));
  const gone = stack.drift.filter(({ kind }) => kind === "gone").map(() => "gone");
  const ill = [...bad, ...gone];
  if (ill.length > 0) return { health: "degraded", words: counted(ill) };
  return { health: "healthy", words: counted(stack.observed.map(({ status }) => status ?? "unknown")) };
}

export interface Row {
  address: string;
  type: Recorded["type"];
  /** What the engine says; `gone`: it says there is none; `unread`: it could not be asked. */
  state: string;
  recorded: Recorded | null;
  observed: ObservedResource | null;
  drift: Drift | null;
}

/** What was recorded and what was seen, side by side, by address. */
export function rowsOf(stack: Pick<StackView, "observed" | "drift" | "recorded">): Row[] {
  const seen = new Map((stack.observed ?? []).map((item) => [item.address, item]));
  const known = new Map(stack.recorded.map((item) => [item.address, item]));
  const drift = new Map(stack.drift.map((item) => [item.address, item]));
  const addresses = [...new Set([...known.keys(), ...seen.keys()])].sort((a, b) =>
    a.localeCompare(b, "en", { numeric: true }),
  );
  return addresses.flatMap((address) => {
    const recorded = known.get(address) ?? null;
    const observed = seen.get(address) ?? null;
    const type = (observed ?? recorded)?.type;
    if (type === undefined) return [];
    const missing = stack.observed === null ? "unread" : "gone";
    return [
      {
        address,
        type,
        state: observed === null ? missing : (observed.status ?? "unknown"),
        recorded,
        observed,
        drift: drift.get(address) ?? null,
      },
    ];
  });
}

export interface Difference {
  path: string;
  before: JsonValue;
  now: JsonValue;
}

/** How the paths of a drift were left by the last deployment, and how they are. */
export function differencesOf({ drift, recorded, observed }: Row): Difference[] {
  if (drift === null) return [];
  const moved = drift.kind === "moved";
  const before: Record<string, JsonValue> = (moved ? recorded?.site : recorded?.properties) ?? {};
  const now: Record<string, JsonValue> = (moved ? observed?.site : observed?.properties) ?? {};
  return (drift.paths ?? []).map((path) => ({ path, before: before[path], now: now[path] }));
}

/** Whether anything of it may be there still. One that was removed is history. */
export function isPast({ revision, resources }: Pick<StackSummary, "revision" | "resources">): boolean {
  return revision === null && resources === 0;
}

/** The stacks of each engine, both by name. */
export function byEngine(stacks: readonly StackSummary[]): [string, StackSummary[]][] {
  const groups = new Map<string, StackSummary[]>();
  for (const stack of stacks) groups.set(stack.engine, [...(groups.get(stack.engine) ?? []), stack]);
  return [...groups].sort(([a], [b]) => a.localeCompare(b));
}
