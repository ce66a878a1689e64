/** Whether values fit a JSON Schema, in words and by field, before the server is asked. Interpreted: nothing is compiled. */
import { type OutputUnit, type Schema, Validator } from "@cfworker/json-schema";
import type { JsonSchema } from "./fields";

/**
 * These only say that something within them does not fit; and of formats the server takes more than a schema says (a day
 * is a moment, too).
 */
const AROUND = new Set([
  "format",
  "properties",
  "items",
  "anyOf",
  "oneOf",
  "allOf",
  "$ref",
  "additionalProperties",
  "false",
]);

/** Faults by place (`requirements.budget`); each with the one that says most. */
export function faultsOf(schema: JsonSchema, value: unknown): Record<string, string> {
  const { valid, errors } = new Validator(schema as Schema, "2020-12", false).validate(value);
  if (valid) return {};
  const faults: Record<string, string> = {};
  for (const error of errors.filter(({ keyword }) => !AROUND.has(keyword))) {
    const [place, text] = told(error);
    const before = faults[place];
    // Of several branches: `null` was never meant by who wrote something.
    if (before === undefined || before === NOT_NULL) faults[place] = text;
    else if (text !== NOT_NULL && !before.includes(text)) faults[place] = `${before}; or ${text}`;
  }
  return Object.fromEntries(Object.entries(faults).map(([place, text]) => [place, sentence(text)]));
}

const NOT_NULL = "leave it empty";

function told({ keyword, instanceLocation, error }: OutputUnit): [string, string] {
  const place = placeOf(instanceLocation);
  const missing = /required property "([^"]+)"/.exec(error)?.[1];
  if (keyword === "required" && missing !== undefined) {
    return [place === "" ? missing : `${place}.${missing}`, "this is needed"];
  }
  return [place, wordsOf(keyword, error)];
}

function wordsOf(keyword: string, error: string): string {
  const wanted = /Expected "([^"]+)"/.exec(error)?.[1];
  const bound = /(-?\d+(?:\.\d+)?)\.?$/.exec(error)?.[1] ?? "";
  switch (keyword) {
    case "type":
      return wanted === undefined || wanted === "null" ? NOT_NULL : `${TYPES[wanted] ?? wanted} is needed`;
    case "enum":
      return "it is none of the choices";
    case "minimum":
      return `at least ${bound}`;
    case "maximum":
      return `at most ${bound}`;
    case "exclusiveMinimum":
      return `more than ${bound}`;
    case "maxLength":
      return "it is too long";
    case "minLength":
      return "it is too short";
    case "pattern":
      return "it is not written as it has to be";
    default:
      return error.replace(/\.$/, "");
  }
}

const TYPES: Record<string, string> = {
  string: "a text",
  number: "a number",
  integer: "a whole number",
  boolean: "yes or no",
  array: "a list",
  object: "names with values",
};

function placeOf(pointer: string): string {
  return pointer
    .replace(/^#\/?/, "")
    .split("/")
    .map((part) => decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~"))
    .join(".");
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
