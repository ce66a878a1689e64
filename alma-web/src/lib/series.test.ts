import { expect, test } from "vitest";
import { metricsOf, seriesOf } from "./series";

test("CSV with and without a heading, with its own marks", () => {
  expect(seriesOf("time,cpu,disk\n2026-10-01,41.5,\n2026-10-02,42,50%")).toEqual([
    { timestamp: "2026-10-01", metrics: { cpu: 41.5, disk: null } },
    { timestamp: "2026-10-02", metrics: { cpu: 42, disk: 50 } },
  ]);
  expect(seriesOf("2026-10-01;1\r\n2026-10-02;2\r\n")[1]).toEqual({
    timestamp: "2026-10-02",
    metrics: { value: 2 },
  });
});

test("JSON as the API has it, flat, as pairs, and within an object", () => {
  const asked = [{ timestamp: "2026-10-01T00:00:00Z", metrics: { cpu: 1 } }];
  expect(seriesOf(JSON.stringify(asked))).toEqual(asked);
  expect(seriesOf('[{"date": "2026-10-01", "cpu": 1}]')[0]?.metrics).toEqual({ cpu: 1 });
  expect(seriesOf("[[1790812800, 4]]")).toEqual([
    { timestamp: "2026-10-01T00:00:00.000Z", metrics: { value: 4 } },
  ]);
  expect(metricsOf(seriesOf('{"data": [{"at": 1790812800000, "a": 1, "b": null}]}'))).toEqual(["a", "b"]);
});

test.each([
  ["", "nothing"],
  ["just words", "A time and at least one value"],
  ["time,cpu\n2026-10-01,much", 'Entry 2: "much" is no number'],
  ["time,cpu\nlast week,1", 'Entry 2: "last week" is no time'],
  ['[{"cpu": 1}]', "Entry 1 has no timestamp"],
  ["[1]", "Entry 1: a moment"],
  ["{", "Not JSON"],
])("%j is told what is wrong with it", (text, told) => {
  expect(() => seriesOf(text)).toThrow(told);
});
