/**
 * What a JSON Schema asks for, as fields that people can fill.
 *
 * The schemas are those of the API: written by Pydantic, with `null` for what may be left out, and with several types
 * where a value may be said in several ways. A form that offered every branch would ask people about JSON, so each field
 * gets the one input in which all of it can be said.
 */
import { words } from "@/lib/format";

export interface JsonSchema {
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  examples?: unknown[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  additionalProperties?: JsonSchema | boolean;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  pattern?: string;
  format?: string;
}

export type Kind =
  "text" | "long" | "number" | "flag" | "choice" | "list" | "document" | "group" | "blueprint" | "series";

export interface Field {
  name: string;
  title: string;
  about: string;
  required: boolean;
  kind: Kind;
  /** Of which JSON types a value may be. */
  types: readonly string[];
  options: readonly string[];
  /** How it may be said, for the empty input. */
  example: string;
  initial: unknown;
  children: readonly Field[];
  /** A blueprint by its number goes under this name. */
  numberName: string;
  limits: { min?: number; max?: number; maxLength?: number };
}

/** From this length on a text wants more than a line. */
const LONG = 5_000;

function resolved(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const name = schema.$ref?.replace("#/$defs/", "");
  const target = name === undefined ? undefined : root.$defs?.[name];
  if (target === undefined) return schema;
  return resolved({ ...target, ...schema, $ref: target.$ref }, root);
}

function branches(schema: JsonSchema, root: JsonSchema): JsonSchema[] {
  const whole = resolved(schema, root);
  const several = whole.anyOf ?? whole.oneOf;
  return several === undefined ? [whole] : several.flatMap((branch) => branches(branch, root));
}

function typeOf({ type, enum: values, properties }: JsonSchema): string {
  if (Array.isArray(type)) return type.find((one) => one !== "null") ?? "any";
  return type ?? (values !== undefined ? "string" : properties !== undefined ? "object" : "any");
}

function example(schema: JsonSchema): string {
  const [first] = schema.examples ?? [];
  if (first === undefined) return "";
  return typeof first === "string" ? first : JSON.stringify(first);
}

function isSeries(branch: JsonSchema, root: JsonSchema): boolean {
  const item = branch.items === undefined ? {} : resolved(branch.items, root);
  return item.properties?.timestamp !== undefined && item.properties.metrics !== undefined;
}

function kindOf(name: string, present: readonly JsonSchema[], root: JsonSchema): Kind {
  const types = present.map(typeOf);
  const has = (type: string) => types.includes(type);
  if (present.some((branch) => branch.enum !== undefined)) return has("boolean") ? "flag" : "choice";
  if (/^blueprint(_[a-z])?$/.test(name) && has("object")) return "blueprint";
  const array = present.find((branch) => typeOf(branch) === "array");
  if (array !== undefined && isSeries(array, root)) return "series";
  const object = present.find((branch) => typeOf(branch) === "object");
  if (object?.properties !== undefined) return "group";
  if (has("string") && has("object")) return "long";
  if (array !== undefined) {
    return typeOf(resolved(array.items ?? {}, root)) === "string" ? "list" : "document";
  }
  if (object !== undefined || has("any")) return "document";
  if (has("string")) {
    return present.some(({ maxLength = 0 }) => maxLength >= LONG) || /message|description$/.test(name)
      ? "long"
      : "text";
  }
  return has("boolean") ? "flag" : "number";
}

function fieldOf(name: string, schema: JsonSchema, root: JsonSchema, required: boolean): Field {
  const whole = resolved(schema, root);
  const present = branches(schema, root).filter((branch) => typeOf(branch) !== "null");
  const kind = kindOf(name, present, root);
  const group = present.find(({ properties }) => properties !== undefined);
  const bounds = present.find(({ minimum, maximum }) => minimum !== undefined || maximum !== undefined);
  return {
    name,
    title: titleOf(name),
    about: whole.description ?? "",
    required,
    kind,
    types: present.map(typeOf),
    options: present.flatMap((branch) => (branch.enum ?? []).map(String)),
    example: example(whole) || present.map(example).find((text) => text !== "") || "",
    initial: whole.default ?? undefined,
    children: kind === "group" && group !== undefined ? fieldsOf(group, root) : [],
    numberName: name,
    limits: {
      min: bounds?.minimum,
      max: bounds?.maximum,
      maxLength: present.find(({ maxLength }) => maxLength !== undefined)?.maxLength,
    },
  };
}

/** `expected_load` → `Expected load`. */
export function titleOf(name: string): string {
  const text = words(name);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The fields of an object's schema, in its order. A blueprint and its number are two ways to say one thing. */
export function fieldsOf(schema: JsonSchema, root: JsonSchema = schema): Field[] {
  const properties = schema.properties ?? {};
  return Object.entries(properties).flatMap(([name, property]) => {
    if (name === "blueprint_id" && properties.blueprint !== undefined) return [];
    const field = fieldOf(name, property, root, schema.required?.includes(name) ?? false);
    const numbered = name === "blueprint" && properties.blueprint_id !== undefined;
    return [numbered ? { ...field, numberName: "blueprint_id", about: "" } : field];
  });
}
