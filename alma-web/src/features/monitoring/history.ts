/** The figures while the page is open. Where asking failed there is a gap: what was not told is not drawn. */
import { useEffect, useReducer } from "react";
import type { MetricsSummary } from "@/lib/api/schema";

export interface Point {
  /** Milliseconds. */
  at: number;
  per_second: number | null;
  p50_ms: number | null;
  p95_ms: number | null;
  p99_ms: number | null;
  client_errors: number | null;
  server_errors: number | null;
}

/** One of the figures, as a line. */
export interface Line {
  key: Exclude<keyof Point, "at">;
  label: string;
  color: string;
}

/** An hour of it, at a figure every five seconds. */
const KEPT = 720;

export function pointOf(summary: MetricsSummary, at: number): Point {
  const { per_second = null, latency, by_class = {}, total = 0 } = summary.requests;
  const errors = (group: string) => (total === 0 ? null : (by_class[group] ?? 0));
  return {
    at,
    per_second,
    p50_ms: latency?.p50_ms ?? null,
    p95_ms: latency?.p95_ms ?? null,
    p99_ms: latency?.p99_ms ?? null,
    client_errors: errors("4xx"),
    server_errors: errors("5xx"),
  };
}

export function gapAt(at: number): Point {
  return {
    at,
    per_second: null,
    p50_ms: null,
    p95_ms: null,
    p99_ms: null,
    client_errors: null,
    server_errors: null,
  };
}

/** With one more; each moment once, and one gap however long nobody answered. */
export function grown(points: readonly Point[], next: Point): readonly Point[] {
  const last = points.at(-1);
  if (last?.at === next.at) return points;
  if (last !== undefined && isGap(last) && isGap(next)) return points;
  return [...points, next].slice(-KEPT);
}

function isGap({ per_second }: Point): boolean {
  return per_second === null;
}

export function useHistory(asked: {
  data: MetricsSummary | undefined;
  dataUpdatedAt: number;
  errorUpdatedAt: number;
}): readonly Point[] {
  const [points, add] = useReducer(grown, []);
  const { data, dataUpdatedAt, errorUpdatedAt } = asked;
  useEffect(() => {
    if (data !== undefined) add(pointOf(data, dataUpdatedAt));
  }, [data, dataUpdatedAt]);
  useEffect(() => {
    if (errorUpdatedAt > 0) add(gapAt(errorUpdatedAt));
  }, [errorUpdatedAt]);
  return points;
}
