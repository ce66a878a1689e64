/** A metric's past and outlook as points of one line of time. */
import { type Answer, numberIn, recordsIn, textIn } from "@/lib/answer";
import type { Moment } from "@/lib/series";

export interface ForecastPoint {
  /** Milliseconds. */
  at: number;
  measured?: number | null;
  expected?: number | null;
  band?: [number, number];
}

/** A line that a value should not cross. */
export interface Limit {
  value: number;
  label: string;
}

/** `history` are the measurements that were sent, `outlook` is one of `forecasts` of the answer. */
export function pointsOf(history: readonly Moment[], outlook: Answer): ForecastPoint[] {
  const metric = textIn(outlook, "metric");
  const past = history
    .map(({ timestamp, metrics }) => ({ at: Date.parse(timestamp), measured: metrics[metric] ?? null }))
    .filter(({ at }) => !Number.isNaN(at))
    .sort((a, b) => a.at - b.at);
  const future = recordsIn(outlook, "forecast").map((moment): ForecastPoint => {
    const [lower, upper] = [numberIn(moment, "lower"), numberIn(moment, "upper")];
    return {
      at: Date.parse(textIn(moment, "timestamp")),
      expected: numberIn(moment, "value"),
      ...(lower !== null && upper !== null ? { band: [lower, upper] as [number, number] } : {}),
    };
  });
  return [...past, ...future];
}
