/** The values nobody has said: a reviewer looks at them before anything else in a blueprint. */
import type { BlueprintView, Origin } from "@/lib/api/schema";
import { shown } from "@/lib/format";

export interface Guess {
  path: string;
  origin: Origin;
  value: string;
}

/** The least certain first. What somebody said, or a template that somebody chose, is no guess. */
const GUESSED: readonly Origin[] = ["model", "inferred", "default"];

export const ORIGIN_WORDS: Record<Origin, string> = {
  model: "from a language model",
  inferred: "inferred from what was said",
  default: "a default",
  words: "said",
  template: "from a template",
  imported: "found there",
};

export function guessesIn(blueprint: BlueprintView): Guess[] {
  return Object.entries(blueprint.origins ?? {})
    .filter(([, origin]) => GUESSED.includes(origin))
    .map(([path, origin]) => ({ path, origin, value: valueAt(blueprint, path) }))
    .sort((a, b) => GUESSED.indexOf(a.origin) - GUESSED.indexOf(b.origin));
}

/** What stands at `resources.web.specs.memory`; a resource's name may have dots in it. */
export function valueAt(blueprint: Pick<BlueprintView, "resources">, path: string): string {
  if (!path.startsWith("resources.")) return shown(follow(blueprint, path.split(".")));
  const behind = path.slice("resources.".length);
  const owner = (blueprint.resources ?? [])
    .filter(({ name }) => behind === name || behind.startsWith(`${name}.`))
    .sort((a, b) => b.name.length - a.name.length)
    .at(0);
  if (owner === undefined) return shown(undefined);
  return shown(
    follow(
      owner,
      behind
        .slice(owner.name.length + 1)
        .split(".")
        .filter(Boolean),
    ),
  );
}

function follow(value: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (found, key) =>
      typeof found === "object" && found !== null ? (found as Record<string, unknown>)[key] : undefined,
    value,
  );
}
