/**
 * What can be written at a place of a blueprint's YAML.
 *
 * A mark is put where the cursor is and the text read by a forgiving parser: where the mark ends up in the tree says
 * whether a key or a value is wanted, and of what.
 */
import { type Document, isMap, isPair, isScalar, parseDocument, visit } from "yaml";
import { type Path, propertiesAt, type Schema, valuesAt } from "./schema";

export interface Suggestion {
  label: string;
  /** What is put in its place. */
  text: string;
  detail: string;
  kind: "key" | "value";
  required: boolean;
}

export interface Suggestions {
  /** Where the word begins that is being written. */
  from: number;
  options: Suggestion[];
}

const MARK = "zzCursorzz";
const LARGEST = 300_000;

/** Suggestions for the cursor at `offset`; null where nothing is known. */
export function suggest(text: string, offset: number, schema: Schema): Suggestions | null {
  if (text.length > LARGEST) return null;
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const before = text.slice(lineStart, offset);
  if (/(^|\s)#/.test(before)) return null;
  const word = /[\w.@/-]*$/.exec(before)?.[0] ?? "";
  // A dash begins an item, and is no part of a word.
  const typed = word === "-" ? "" : word;
  const from = offset - typed.length;
  const behind = /^[\w.@/-]*/.exec(text.slice(offset))?.[0].length ?? 0;
  const onOwnLine = /^[\s-]*$/.test(text.slice(lineStart, from));
  const read = (mark: string) =>
    parseDocument(`${text.slice(0, from)}${spaced(text, from)}${mark}${text.slice(offset + behind)}`, {
      logLevel: "silent",
      uniqueKeys: false,
      strict: false,
    });
  const lineEnds = /^[ \t]*(\n|$)/.test(text.slice(offset + behind));
  if (onOwnLine && lineEnds) {
    // A word alone on its line would be taken for the beginning of the next line's.
    const indent = " ".repeat(/^[\s-]*/.exec(before)?.[0].length ?? 0);
    const options = keysAt(placeOf(read(`${MARK}:`)), schema, indent);
    if (options.length > 0) return { from, options };
  }
  const document = read(MARK);
  const place = placeOf(document);
  const options =
    place?.kind === "value"
      ? [...valuesOf(place.path, schema, document), ...(inFlow(before) ? keysAt(place, schema, null) : [])]
      : keysAt(place, schema, null);
  return options.length === 0 ? null : { from, options };
}

/** "key:" and "-" need a space before what follows. */
function spaced(text: string, from: number): string {
  return from > 0 && /[:-]/.test(text.charAt(from - 1)) ? " " : "";
}

function inFlow(before: string): boolean {
  const opened = before.match(/[{[]/g)?.length ?? 0;
  const closed = before.match(/[}\]]/g)?.length ?? 0;
  return opened > closed;
}

interface Place {
  kind: "key" | "value";
  /** Of a key: the object it is in. Of a value: its own. */
  path: Path;
  /** Keys that are there already. */
  taken: ReadonlySet<string>;
}

function placeOf(document: Document.Parsed): Place | null {
  let found: Place | null = null;
  visit(document, {
    Scalar(key, node, ancestors) {
      if (typeof node.value !== "string" || !node.value.includes(MARK)) return undefined;
      const path = pathTo(ancestors, node);
      if (key === "key") {
        const map = ancestors.findLast(isMap);
        const taken = (map?.items ?? []).map(({ key: other }) =>
          isScalar(other) ? String(other.value) : "",
        );
        found = { kind: "key", path, taken: new Set(taken) };
      } else found = { kind: "value", path, taken: new Set() };
      return visit.BREAK;
    },
  });
  return found;
}

function pathTo(ancestors: readonly unknown[], node: unknown): Path {
  const path: (string | number)[] = [];
  const chain = [...ancestors, node];
  chain.forEach((step, index) => {
    const next = chain[index + 1];
    if (isPair(step)) {
      // In the key itself one is in the object, not yet at one of its fields.
      if (next !== step.key && isScalar(step.key)) path.push(String(step.key.value));
    } else if (typeof step === "object" && step !== null && "items" in step && !isMap(step)) {
      path.push((step.items as unknown[]).indexOf(next));
    }
  });
  return path;
}

/** `indent` is that of the line, null within braces. */
function keysAt(place: Place | null, schema: Schema, indent: string | null): Suggestion[] {
  if (place === null) return [];
  return propertiesAt(schema, place.path)
    .filter(({ name }) => !place.taken.has(name))
    .map(({ name, description, required, holds }) => ({
      label: name,
      text: `${name}:${indent === null ? " " : { value: " ", object: `\n${indent}  `, list: `\n${indent}  - ` }[holds]}`,
      detail: description,
      kind: "key" as const,
      required,
    }));
}

function valuesOf(path: Path, schema: Schema, document: Document.Parsed): Suggestion[] {
  const known = valuesAt(schema, path).map((value) => [value, ""] as const);
  const named = known.length > 0 ? [] : namesFor(path, document);
  return [...known, ...named].map(([label, detail]) => ({
    label,
    text: label,
    detail,
    kind: "value",
    required: false,
  }));
}

/** Where a resource's name is wanted: which of them can be meant. */
function namesFor(path: Path, document: Document.Parsed): (readonly [string, string])[] {
  const field = path.filter((step) => typeof step === "string").join(".");
  const type = WANTED[field];
  if (type === undefined) return [];
  const plain: unknown = document.toJS({ maxAliasCount: 100 });
  const own = path[1];
  return resourcesOf(plain)
    .filter((found, index) => index !== own && (type === "any" || found.type === type))
    .map((found) => [found.name, found.type] as const);
}

const WANTED: Record<string, string> = {
  "resources.depends_on": "any",
  "resources.backends": "any",
  "resources.mounts.volume": "volume",
  "resources.network.attach": "network",
};

function resourcesOf(plain: unknown): { name: string; type: string }[] {
  if (typeof plain !== "object" || plain === null || !("resources" in plain)) return [];
  const { resources } = plain;
  if (!Array.isArray(resources)) return [];
  return resources.map((item: unknown) => {
    const { name, type } = (typeof item === "object" && item !== null ? item : {}) as Record<string, unknown>;
    return { name: typeof name === "string" ? name : "", type: typeof type === "string" ? type : "" };
  });
}
