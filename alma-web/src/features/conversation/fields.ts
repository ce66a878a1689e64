/** The fields of a blueprint, each with where its value came from. */
import type { Blueprint, Origin, Resource } from "@/lib/api/schema";
import { shown } from "@/lib/format";

export interface Field {
  path: string;
  value: string;
  origin: Origin | null;
}

type Origins = Readonly<Record<string, Origin>>;

/** What nobody said: it is looked at first. */
const GUESSES = new Set<Origin>(["default", "inferred", "model"]);

export function isGuess(origin: Origin | null): boolean {
  return origin !== null && GUESSES.has(origin);
}

export function fieldsOf(resource: Resource, origins: Origins): Field[] {
  const { name, ...rest } = resource;
  return leaves(rest).map(([path, value]) => ({
    path,
    value: text(value),
    origin: originOf(`resources.${name}.${path}`, origins, `resources.${name}`),
  }));
}

/** Those of the blueprint itself. */
export function headOf(blueprint: Blueprint, origins: Origins): Field[] {
  const { name, engine, description, constraints, metadata } = blueprint;
  return leaves({ name, engine, description, constraints, metadata }).map(([path, value]) => ({
    path,
    value: text(value),
    origin: originOf(path, origins, ""),
  }));
}

export function guessesIn(fields: readonly Field[]): number {
  return fields.filter(({ origin }) => isGuess(origin)).length;
}

/** Of the field, or of what it is within. */
function originOf(path: string, origins: Origins, root: string): Origin | null {
  for (let at = path; at.length > root.length; at = at.slice(0, at.lastIndexOf("."))) {
    const found = origins[at];
    if (found !== undefined) return found;
    if (!at.includes(".")) break;
  }
  return null;
}

function leaves(value: unknown, path = ""): [string, unknown][] {
  if (value === null || value === undefined) return [];
  if (typeof value !== "object" || Array.isArray(value)) return [[path, value]];
  return Object.entries(value).flatMap(([name, inner]) =>
    leaves(inner, path === "" ? name : `${path}.${name}`),
  );
}

function text(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(shown).join(", ");
  if (typeof value === "boolean") return value ? "yes" : "no";
  return shown(value);
}
