/** What of the audit log is looked at, as it stands in the page's address. */
import type { Outcome } from "@/lib/api/schema";

export interface Filters {
  principal: string | null;
  action: string | null;
  target: string | null;
  outcome: Outcome | null;
  since: string | null;
  until: string | null;
  everywhere: boolean;
}

const OUTCOMES: readonly string[] = ["allowed", "denied", "failed"] satisfies Outcome[];

/** Days are days in UTC, as the log's times are, and both are looked at as a whole. */
export function filtersOf(search: URLSearchParams): Filters {
  const text = (name: string): string | null => search.get(name)?.trim() || null;
  const outcome = text("outcome");
  return {
    principal: text("principal"),
    action: text("action"),
    target: text("target"),
    outcome: outcome !== null && OUTCOMES.includes(outcome) ? (outcome as Outcome) : null,
    since: momentOf(text("since"), "T00:00:00Z"),
    until: momentOf(text("until"), "T23:59:59.999Z"),
    everywhere: search.get("everywhere") === "true",
  };
}

function momentOf(day: string | null, time: string): string | null {
  return day !== null && /^\d{4}-\d{2}-\d{2}$/.test(day) ? day + time : null;
}

export interface Difference {
  field: string;
  before: unknown;
  after: unknown;
  same: boolean;
}

/** What an entry says of before and after, field by field. */
export function differences(
  before: Record<string, unknown> | null,
  after: Record<string, unknown> | null,
): Difference[] {
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return fields.map((field) => {
    const was = before?.[field];
    const is = after?.[field];
    return { field, before: was, after: is, same: JSON.stringify(was) === JSON.stringify(is) };
  });
}
