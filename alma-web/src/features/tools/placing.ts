/** What a server said against parameters, at the fields that they were typed into. */
import type { Field } from "@/components/form/fields";
import { Problem } from "@/lib/api/problem";

export interface Placed {
  faults: Record<string, string>;
  /** The failure, with what could be placed nowhere. */
  rest: Problem;
}

/** Null: none of it is about a field. */
export function placed(problem: Problem, fields: readonly Field[]): Placed | null {
  const faults: Record<string, string> = {};
  const left: string[] = [];
  for (const { path = "", message, hint } of problem.diagnostics) {
    const place = placeOf(path, fields);
    const text = `${message}${hint ? `: ${hint}` : ""}.`;
    if (place === null) {
      left.push(`${path}: ${text}`);
      continue;
    }
    const within = path.startsWith(`${place}.`) ? path.slice(place.length + 1) : "";
    const told = within === "" ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : `${within}: ${text}`;
    faults[place] = faults[place] === undefined ? told : `${faults[place]} ${told}`;
  }
  if (Object.keys(faults).length === 0) return null;
  const { status, code, hint, requestId, retryAfter, message } = problem;
  return { faults, rest: new Problem(message, { status, code, hint, requestId, retryAfter, errors: left }) };
}

/** The innermost field that the path is of, or within. */
function placeOf(path: string, fields: readonly Field[], at = ""): string | null {
  for (const field of fields) {
    for (const name of new Set([field.name, field.numberName])) {
      const place = at + name;
      if (path !== place && !path.startsWith(`${place}.`)) continue;
      return placeOf(path, field.children, `${place}.`) ?? at + field.name;
    }
  }
  return null;
}
