/** The values of a template's form: what they are at first, and what is sent of them. The server judges them. */
import type { ParameterView } from "@/lib/api/schema";

export type Value = string | number | boolean;
export type Values = Record<string, Value>;
type Parameters = Readonly<Record<string, ParameterView>>;

export function firstValues(parameters: Parameters): Values {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, parameter]) => [name, firstOf(parameter)]),
  );
}

function firstOf({ type, default: value }: ParameterView): Value {
  if (type === "boolean") return value === true;
  if (typeof value === "number" || typeof value === "string") return value;
  return "";
}

/** What differs from the defaults: the rest is the template's own. A field that was emptied keeps its default. */
export function toSend(values: Values, parameters: Parameters): Values {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const parameter = parameters[name];
      if (parameter === undefined || value === "" || value === firstOf(parameter)) return [];
      return [[name, typed(value, parameter)] as const];
    }),
  );
}

function typed(value: Value, { type }: ParameterView): Value {
  if (typeof value !== "string") return value;
  if (type !== "integer" && type !== "number") return value.trim();
  const number = Number(value);
  return Number.isFinite(number) ? number : value;
}

/** What the server said of which parameter; the rest belongs to none of them. */
export function byParameter(
  errors: readonly string[],
  parameters: Parameters,
): { of: Record<string, string>; rest: string[] } {
  const of: Record<string, string> = {};
  const rest: string[] = [];
  for (const error of errors) {
    const name = Object.keys(parameters).find((known) =>
      new RegExp(`(^|[.'"])${known}(['":. ]|$)`).test(error),
    );
    if (name === undefined) rest.push(error);
    else of[name] = error.replace(new RegExp(`^(parameters\\.)?${name}: `), "");
  }
  return { of, rest };
}

export function matches(
  template: { category: string; complexity: string },
  wanted: { category: string; complexity: string },
): boolean {
  return (
    (wanted.category === "" || template.category === wanted.category) &&
    (wanted.complexity === "" || template.complexity === wanted.complexity)
  );
}
