/** Numbers, times and sizes as people read them, in the way of their browser. Nothing is computed here that decides anything. */
const language = typeof navigator === "undefined" ? "en" : navigator.language;

const DATE_TIME = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

export function dateTime(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : DATE_TIME.format(date);
}

/** "3 minutes ago", seen from `now` (milliseconds). */
export function ago(iso: string, now: number = Date.now()): string {
  const seconds = (new Date(iso).getTime() - now) / 1_000;
  if (Number.isNaN(seconds)) return iso;
  const step = STEPS.find(([, length]) => Math.abs(seconds) >= length);
  return step === undefined ? "just now" : RELATIVE.format(Math.round(seconds / step[1]), step[0]);
}

/** "2 min 05 s" from a number of seconds. */
export function duration(seconds: number): string {
  if (seconds < 0.9995) return `${Math.round(seconds * 1_000)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** An amount as the server gave it; a number may come as text, which keeps its digits. */
export function money(amount: number | string, currency = "USD"): string {
  const value = Number(amount);
  if (!Number.isFinite(value)) return String(amount);
  try {
    return new Intl.NumberFormat("en-US", { style: "currency", currency }).format(value);
  } catch {
    return `${amount} ${currency}`; // a price book's own unit
  }
}

const FIGURE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });
const SMALL = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });

/** A number as short as it says enough; what was not measured is no number. */
export function figure(value: number | null | undefined): string {
  if (value === null || value === undefined) return "—";
  return value !== 0 && Math.abs(value) < 1 ? SMALL.format(value) : FIGURE.format(value);
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en-US")} ${number === 1 ? one : many}`;
}

/** A value of a field, as short text. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return "—";
  if (typeof value === "string") return value;
  return JSON.stringify(value);
}

/** `rolling_back` → `rolling back`, `kubernetes_cluster` → `kubernetes cluster`. */
export function words(code: string): string {
  return code.replaceAll("_", " ");
}
