/** What a JSON Schema says of one place in a document. Only as much of JSON Schema as the one of blueprints uses. */

export interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  items?: Schema;
  enum?: unknown[];
  const?: unknown;
  type?: string | string[];
  pattern?: string;
  default?: unknown;
  description?: string;
  title?: string;
}

export type Path = readonly (string | number)[];

const DEEPEST = 32;

/** The alternatives that a schema stands for, references followed. */
export function alternatives(schema: Schema, root: Schema, depth = 0): Schema[] {
  if (depth > DEEPEST) return [];
  const inner = (others: readonly Schema[]) =>
    others.flatMap((other) => alternatives(other, root, depth + 1));
  if (schema.$ref !== undefined) {
    const named = root.$defs?.[schema.$ref.replace("#/$defs/", "")];
    // What is said beside a reference is said of this place.
    return named === undefined
      ? []
      : inner([named]).map((found) => ({ ...found, description: schema.description ?? found.description }));
  }
  const several = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  return several.length === 0
    ? [schema]
    : inner(several).map((found) => ({ ...found, description: schema.description ?? found.description }));
}

function below(schema: Schema, step: string | number): Schema[] {
  if (typeof step === "number") return schema.items === undefined ? [] : [schema.items];
  const property = schema.properties?.[step];
  if (property !== undefined) return [property];
  const { additionalProperties: any } = schema;
  return typeof any === "object" ? [any] : [];
}

/** What may stand at a place: all alternatives. */
export function at(root: Schema, path: Path): Schema[] {
  let here = alternatives(root, root);
  for (const step of path) {
    here = here.flatMap((schema) => below(schema, step)).flatMap((schema) => alternatives(schema, root));
  }
  return here;
}

export interface Property {
  name: string;
  description: string;
  required: boolean;
  /** What follows the key: a value on its line, or keys or items below it. */
  holds: "value" | "object" | "list";
}

/** The keys that may stand in an object at a place. */
export function propertiesAt(root: Schema, path: Path): Property[] {
  return at(root, path).flatMap((schema) =>
    Object.entries(schema.properties ?? {}).map(([name, property]) => ({
      name,
      description: property.description ?? "",
      required: schema.required?.includes(name) ?? false,
      holds: held(alternatives(property, root)),
    })),
  );
}

function held(schemas: readonly Schema[]): Property["holds"] {
  const some = schemas.filter(({ type }) => type !== "null");
  if (some.length === 0) return "value";
  if (some.every(({ type }) => type === "object")) return "object";
  return some.every(({ type }) => type === "array") ? "list" : "value";
}

/** The values that a place takes, where they can be listed. */
export function valuesAt(root: Schema, path: Path): string[] {
  const values = at(root, path).flatMap((schema) => {
    if (schema.enum !== undefined) return schema.enum;
    if (schema.const !== undefined) return [schema.const];
    if (schema.type === "boolean") return [true, false];
    // "^(allow|deny)$" is a list of values, too.
    const listed = /^\^\(([\w-]+(?:\|[\w-]+)+)\)\$$/.exec(schema.pattern ?? "");
    return listed?.[1]?.split("|") ?? [];
  });
  return [...new Set(values.filter((value) => value !== null).map(String))];
}
