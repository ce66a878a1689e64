/** What stands in a form, and the value that it says. */
import { parse, stringify } from "yaml";
import { seriesOf } from "@/lib/series";
import { shown } from "@/lib/format";
import type { Field } from "./fields";

/** A blueprint: the number of a saved one, or its text. */
export interface Meant {
  saved: number | string | null;
  text: string;
  written: boolean;
}

export type Raw = string | boolean | string[] | Meant | Draft;
export interface Draft {
  [name: string]: Raw | undefined;
}

export interface Read {
  value: Record<string, unknown>;
  /** What can't be read, by the place of its field. */
  faults: Record<string, string>;
}

const NUMBER = /^[+-]?\d+(\.\d+)?$/;

export function meantOf(raw: Raw | undefined): Meant {
  return isMeant(raw) ? raw : { saved: null, text: "", written: false };
}

function isMeant(raw: Raw | undefined): raw is Meant {
  return typeof raw === "object" && !Array.isArray(raw) && typeof raw.written === "boolean";
}

function isDraft(raw: Raw | undefined): raw is Draft {
  return typeof raw === "object" && !Array.isArray(raw) && !isMeant(raw);
}

export function groupOf(raw: Raw | undefined): Draft {
  return isDraft(raw) ? raw : {};
}

export function listOf(raw: Raw | undefined): string[] {
  return Array.isArray(raw) ? raw : [];
}

export function textOf(raw: Raw | undefined): string {
  return typeof raw === "string" ? raw : "";
}

/** The values that a form says. What was left empty is left out. */
export function readDraft(fields: readonly Field[], draft: Draft, at = ""): Read {
  const value: Record<string, unknown> = {};
  const faults: Record<string, string> = {};
  for (const field of fields) {
    const place = at + field.name;
    const raw = draft[field.name];
    try {
      if (field.kind === "group") {
        const inner = readDraft(field.children, groupOf(raw), `${place}.`);
        Object.assign(faults, inner.faults);
        if (Object.keys(inner.value).length > 0 || field.required) value[field.name] = inner.value;
        continue;
      }
      const [name, read] = readOne(field, raw);
      if (read !== undefined) value[name] = read;
      else if (field.required) faults[place] = "This is needed.";
    } catch (error) {
      faults[place] = error instanceof Error ? error.message : "This can't be read.";
    }
  }
  return { value, faults };
}

function readOne(field: Field, raw: Raw | undefined): [string, unknown] {
  switch (field.kind) {
    case "blueprint":
      return readBlueprint(field, meantOf(raw));
    case "flag":
      return [field.name, typeof raw === "boolean" ? raw : undefined];
    case "list":
      return [field.name, listOf(raw).length > 0 ? raw : undefined];
    case "document":
      return [field.name, documentOf(textOf(raw))];
    case "series": {
      const text = textOf(raw).trim();
      return [field.name, text === "" ? undefined : seriesOf(text)];
    }
    default:
      return [field.name, scalarOf(field, textOf(raw))];
  }
}

function readBlueprint(field: Field, { saved, text, written }: Meant): [string, unknown] {
  if (!written) return [field.numberName, saved ?? undefined];
  const document = documentOf(text);
  if (document === undefined) return [field.name, undefined];
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw new Error("A blueprint begins with its name and its resources.");
  }
  return [field.name, document];
}

function scalarOf({ types, kind }: Field, raw: string): unknown {
  if (kind === "long") return raw.trim() === "" ? undefined : raw;
  const text = raw.trim();
  if (text === "") return undefined;
  const number = types.includes("number") || types.includes("integer");
  if (number && NUMBER.test(text)) return Number(text);
  if (types.includes("string")) return text;
  throw new Error("A number is needed.");
}

/** YAML or JSON; nothing where there is nothing. */
function documentOf(text: string): unknown {
  if (text.trim() === "") return undefined;
  try {
    return parse(text, { maxAliasCount: 0 }) as unknown;
  } catch (error) {
    throw new Error(`Not YAML: ${error instanceof Error ? (error.message.split("\n")[0] ?? "") : ""}`, {
      cause: error,
    });
  }
}

/** A form that says these values: those of an example, or where one comes from. */
export function draftOf(fields: readonly Field[], values: Readonly<Record<string, unknown>>): Draft {
  return Object.fromEntries(
    fields.map((field) => {
      const value = values[field.name] ?? (field.kind === "blueprint" ? values[field.numberName] : undefined);
      return [field.name, value === undefined || value === null ? initial(field) : rawOf(field, value)];
    }),
  );
}

function initial(field: Field): Raw | undefined {
  if (field.kind === "group") return draftOf(field.children, {});
  return field.initial === undefined || field.kind === "document" ? undefined : rawOf(field, field.initial);
}

function rawOf(field: Field, value: unknown): Raw | undefined {
  switch (field.kind) {
    case "group":
      return draftOf(field.children, isRecord(value) ? value : {});
    case "flag":
      return typeof value === "boolean" ? value : undefined;
    case "list":
      return Array.isArray(value) ? value.map(String) : typeof value === "string" ? [value] : [];
    case "blueprint":
      return typeof value === "object"
        ? { saved: null, text: stringify(value), written: true }
        : { saved: value as number | string, text: "", written: false };
    case "document":
      return stringify(value);
    case "series":
      return JSON.stringify(value, null, 1);
    default:
      return typeof value === "object" ? stringify(value) : shown(value);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
