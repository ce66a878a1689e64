import { expect, test } from "vitest";
import type { MetricsSummary } from "@/lib/api/schema";
import { gapAt, grown, pointOf, type Point } from "./history";

const SUMMARY = {
  requests: {
    total: 20,
    per_second: 0.5,
    by_class: { "2xx": 18, "5xx": 2 },
    latency: { count: 20, mean_ms: 3, p50_ms: 2, p95_ms: 9, p99_ms: null },
  },
} as unknown as MetricsSummary;

test("a point has what was told, and nothing for what was not", () => {
  expect(pointOf(SUMMARY, 7)).toEqual({
    at: 7,
    per_second: 0.5,
    p50_ms: 2,
    p95_ms: 9,
    p99_ms: null,
    client_errors: 0,
    server_errors: 2,
  });
});

test("a failure is a gap, however often it fails, and the line goes on after it", () => {
  let points: readonly Point[] = [];
  for (const next of [pointOf(SUMMARY, 1), gapAt(2), gapAt(3), pointOf(SUMMARY, 4), pointOf(SUMMARY, 4)]) {
    points = grown(points, next);
  }
  expect(points.map(({ at, per_second }) => [at, per_second])).toEqual([
    [1, 0.5],
    [2, null],
    [4, 0.5],
  ]);
});

test("a day of watching is not kept whole", () => {
  let points: readonly Point[] = [];
  for (let at = 0; at < 2_000; at += 1) points = grown(points, pointOf(SUMMARY, at));
  expect(points).toHaveLength(720);
  expect(points.at(-1)?.at).toBe(1_999);
});
