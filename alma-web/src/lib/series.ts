import { shown } from "./format";

/** Measurements as people have them (CSV, or JSON in a few shapes), as the forecast takes them. */

export interface Moment {
  timestamp: string;
  metrics: Record<string, number | null>;
}

const TIME = /^(time|timestamp|date|datetime|at|moment|when)$/i;

/** Reads either; throws in words that say what is wrong, and where. */
export function seriesOf(text: string): Moment[] {
  const trimmed = text.trim();
  if (trimmed === "") throw new Error("There is nothing in it.");
  return trimmed.startsWith("[") || trimmed.startsWith("{") ? fromJson(trimmed) : fromCsv(trimmed);
}

export function metricsOf(moments: readonly Moment[]): string[] {
  return [...new Set(moments.flatMap(({ metrics }) => Object.keys(metrics)))];
}

function fromJson(text: string): Moment[] {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (error) {
    throw new Error(`Not JSON: ${error instanceof Error ? error.message : ""}`, { cause: error });
  }
  const rows = Array.isArray(read) ? (read as unknown[]) : listIn(read);
  if (rows === undefined) throw new Error("A list of measurements is needed.");
  return rows.map((row, index) => moment(row, index + 1));
}

function listIn(read: unknown): unknown[] | undefined {
  if (typeof read !== "object" || read === null) return undefined;
  return Object.values(read).find((value): value is unknown[] => Array.isArray(value));
}

/** `{timestamp, metrics: {…}}`, `{timestamp, cpu: 1}` or `[timestamp, 1]`. */
function moment(row: unknown, number: number): Moment {
  if (Array.isArray(row)) {
    const [at, ...values] = row as unknown[];
    return {
      timestamp: timestamp(at, number),
      metrics: Object.fromEntries(values.map((value, index) => [nameOf(index), figure(value, number)])),
    };
  }
  if (typeof row !== "object" || row === null)
    throw new Error(`Entry ${number}: a moment with values is needed.`);
  const entries = Object.entries(row as Record<string, unknown>);
  const at = entries.find(([key]) => TIME.test(key));
  if (at === undefined) throw new Error(`Entry ${number} has no timestamp.`);
  const inner = (row as { metrics?: unknown }).metrics;
  const values =
    typeof inner === "object" && inner !== null ? Object.entries(inner) : entries.filter((one) => one !== at);
  return {
    timestamp: timestamp(at[1], number),
    metrics: Object.fromEntries(values.map(([key, value]) => [key, figure(value, number)])),
  };
}

function nameOf(index: number): string {
  return index === 0 ? "value" : `value_${index + 1}`;
}

function fromCsv(text: string): Moment[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "" && !line.startsWith("#"));
  const first = lines[0] ?? "";
  const mark = [";", "\t", ","].find((one) => first.includes(one));
  if (mark === undefined) throw new Error("A time and at least one value a line are needed: 2026-10-01,52.6");
  const rows = lines.map((line) => line.split(mark).map((cell) => cell.trim().replaceAll(/^"|"$/g, "")));
  const headed = Number.isNaN(Date.parse(rows[0]?.[0] ?? "")) && !/^\d+$/.test(rows[0]?.[0] ?? "");
  const names = headed ? (rows[0] ?? []).slice(1) : (rows[0] ?? []).slice(1).map((_, index) => nameOf(index));
  const measured = rows.slice(headed ? 1 : 0);
  if (measured.length === 0) throw new Error("There is a heading, and nothing under it.");
  return measured.map((cells, index) => {
    const line = index + (headed ? 2 : 1);
    const values = names.map((name, column) => [name, figure(cells[column + 1] ?? "", line)] as const);
    return { timestamp: timestamp(cells[0], line), metrics: Object.fromEntries(values) };
  });
}

function timestamp(value: unknown, number: number): string {
  // Seconds or milliseconds since 1970, as metrics' stores write them.
  const seconds =
    typeof value === "number" ? value : /^\d{9,13}(\.\d+)?$/.test(String(value)) ? Number(value) : null;
  if (seconds !== null) return new Date(seconds > 1e11 ? seconds : seconds * 1_000).toISOString();
  const text = shown(value);
  if (Number.isNaN(Date.parse(text))) throw new Error(`Entry ${number}: "${text.slice(0, 40)}" is no time.`);
  return text;
}

function figure(value: unknown, number: number): number | null {
  if (value === null || value === undefined || value === "" || value === "NaN") return null;
  const read = Number(typeof value === "string" ? value.replace(/%$/, "") : value);
  if (typeof value === "boolean" || Number.isNaN(read)) {
    throw new Error(`Entry ${number}: "${shown(value).slice(0, 40)}" is no number.`);
  }
  return read;
}
