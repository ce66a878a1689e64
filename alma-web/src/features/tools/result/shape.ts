/**
 * How a value of an answer is shown. The API names its fields by what they are and in which unit (`saving`,
 * `memory_gib`, `transfer_seconds`), so that is where units come from; no figure is worked out here.
 */
import { titleOf } from "@/components/form/fields";
import { isAnswer, type Answer } from "@/lib/answer";
import { dateTime, duration, figure, money } from "@/lib/format";

export type Shape = "nothing" | "scalar" | "texts" | "table" | "records" | "facts" | "blueprint" | "document";

/** Where a value stands: around it, and in which currency the answer counts. */
export interface Around {
  parent: string;
  currency: string;
}

const LONG_TEXT = 400;
/** More columns than that are not read across. */
const COLUMNS = 8;
const CELL = 160;

export function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

export function shapeOf(value: unknown): Shape {
  if (value === null || value === undefined || value === "") return "nothing";
  if (typeof value === "string" && (value.length > LONG_TEXT || value.trim().includes("\n")))
    return "document";
  if (isScalar(value)) return "scalar";
  if (Array.isArray(value)) return listShape(value);
  if (!isAnswer(value)) return "nothing";
  if (isBlueprint(value)) return "blueprint";
  return Object.values(value).every((inner) => shapeOf(inner) === "nothing") ? "nothing" : "facts";
}

function listShape(values: readonly unknown[]): Shape {
  if (values.length === 0) return "nothing";
  if (values.every(isScalar)) return "texts";
  const rows = values.filter(isAnswer);
  if (rows.length < values.length) return "records";
  return columnsOf(rows).length <= COLUMNS && rows.every(isFlat) ? "table" : "records";
}

export function isBlueprint(value: unknown): value is Answer & { name: string; resources: Answer[] } {
  return (
    isAnswer(value) &&
    typeof value.name === "string" &&
    Array.isArray(value.resources) &&
    (value.resources as unknown[]).every((one) => isAnswer(one) && typeof one.type === "string")
  );
}

/** Whether a row of a table can hold it. */
function isFlat(row: Answer): boolean {
  return Object.values(row).every(
    (value) =>
      shapeOf(value) === "nothing" ||
      (isScalar(value) && String(value).length <= CELL) ||
      (Array.isArray(value) && value.every(isScalar) && value.join(", ").length <= CELL),
  );
}

/** The names that have something in at least one row, in the order of the rows. */
export function columnsOf(rows: readonly Answer[]): string[] {
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  return [...names].filter((name) => rows.some((row) => shapeOf(row[name]) !== "nothing"));
}

const HEADS = [
  "title",
  "name",
  "resource",
  "metric",
  "provider",
  "address",
  "id",
  "path",
  "code",
  "stage",
  "number",
];

/** By what an entry of a list is called. */
export function headOf(row: Answer): { name: string; text: string } | null {
  const name = HEADS.find((one) => isScalar(row[one]) && row[one] !== "");
  return name === undefined ? null : { name, text: String(row[name]) };
}

const STATES =
  /^(severity|status|standing|level|risk|result|action|fidelity|verdict|sure|effect|enabled|availability|method)$/;
const STATE_WORDS = /^[a-z][a-z _-]{1,23}$/;

/** Whether a text is one of a few words that say how something stands. */
export function isState(name: string, value: unknown): value is string {
  return STATES.test(name) && name !== "method" && typeof value === "string" && STATE_WORDS.test(value);
}

const MONEY =
  /(^|_)(monthly|cost|costs|saving|savings|budget|price|delta|cost_change|difference)$|^(original|optimized|target|monthly)_cost/;
const MONEY_AROUND = /^(cost|costs|monthly_cost|by_resource|by_tier|cost_dollars)$/;
const MONEY_WITHIN = /^(before|after|delta|difference)$/;
const PERCENT = /(^|_)(percent|percentage)$/;
const SHARE = /(^|_)(share|coverage|confidence|confidence_level|utilisation|efficiency)$/;
const SECONDS = /(^|_)(seconds|takes)$/;
const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/;
const UNITS: [RegExp, string][] = [
  [/_ms$/, "ms"],
  [/_gib$/, "GiB"],
  [/_gb$/, "GB"],
  [/_gb_month$/, "GB a month"],
  [/_mbit$/, "Mbit/s"],
  [/_days$/, "days"],
  [/_hours$|^hours_/, "hours"],
  [/(^|_)per_second$/, "a second"],
];

/** A value in words, with its unit. */
export function told(name: string, value: string | number | boolean, around: Around): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return TIME.test(value) ? dateTime(value) : value;
  if (MONEY.test(name) || moneyHere(name, around.parent)) return money(value, around.currency);
  if (PERCENT.test(name)) return `${figure(value)} %`;
  if (SHARE.test(name) && value >= 0 && value <= 1) return `${figure(value * 100)} %`;
  if (SECONDS.test(name) || (/duration$/.test(around.parent) && /^(median|p90)$/.test(name))) {
    return duration(value);
  }
  if (/(^|_)bytes$/.test(name)) return bytes(value);
  const unit = UNITS.find(([pattern]) => pattern.test(name))?.[1];
  return unit === undefined ? figure(value) : `${figure(value)} ${unit}`;
}

function moneyHere(name: string, parent: string): boolean {
  return MONEY_AROUND.test(parent) && (MONEY_WITHIN.test(name) || !/^(cost|costs)$/.test(parent));
}

const SIZES = ["B", "kB", "MB", "GB", "TB", "PB"];

/** Decimal, as disks and lines are sold. */
function bytes(value: number): string {
  const step = Math.min(SIZES.length - 1, value < 1 ? 0 : Math.floor(Math.log10(value) / 3));
  return `${figure(value / 1_000 ** step)} ${SIZES[step] ?? "B"}`;
}

const SHORT: Record<string, string> = {
  cpu: "CPU",
  gpu: "GPU",
  id: "Id",
  p50_ms: "Median",
  p90: "If slow",
  per_second: "Rate",
  hours_away_a_year: "Away a year",
};

/** The heading of a field: its unit stands at the figure. */
export function headingOf(name: string): string {
  const short = SHORT[name];
  if (short !== undefined) return short;
  // Names that people gave (`resources.web-1.name`) stay as they are.
  if (!/^[a-z][a-z0-9_]*$/.test(name)) return name;
  const bare = name.replace(/_(ms|gib|gb|mbit|seconds|percent)$/, "");
  return titleOf(bare === "" ? name : bare)
    .replace(/^Cpu\b/, "CPU")
    .replace(/^Gpu\b/, "GPU");
}

/** In which currency an answer counts. */
export function currencyOf(answer: Answer, otherwise = "USD"): string {
  return typeof answer.currency === "string" && /^[A-Z]{3}$/.test(answer.currency)
    ? answer.currency
    : otherwise;
}
