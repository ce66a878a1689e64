import { describe, expect, it } from "vitest";
import { ago, count, dateTime, duration, money, shown, words } from "./format";

describe("ago", () => {
  const now = Date.parse("2026-03-10T12:00:00Z");
  it.each([
    ["2026-03-10T11:59:40Z", "just now"],
    ["2026-03-10T11:57:00Z", "3 minutes ago"],
    ["2026-03-10T11:59:00Z", "1 minute ago"],
    ["2026-03-09T12:00:00Z", "yesterday"],
    ["2026-03-10T14:00:00Z", "in 2 hours"],
    ["2024-03-10T12:00:00Z", "2 years ago"],
    ["not a time", "not a time"],
  ])("%s is %s", (at, said) => expect(ago(at, now)).toBe(said));
});

describe("duration", () => {
  it.each([
    [0, "0 ms"],
    [0.25, "250 ms"],
    [1, "1.0 s"],
    [9.96, "10 s"],
    [59.4, "59 s"],
    [59.7, "1 min 00 s"],
    [60, "1 min 00 s"],
    [119.6, "2 min 00 s"],
    [125, "2 min 05 s"],
    [3_599.8, "1 h 0 min"],
    [3_661, "1 h 1 min"],
  ])("%d seconds are %s", (seconds, said) => expect(duration(seconds)).toBe(said));
});

describe("money", () => {
  it.each([
    [12.5, "USD", "$12.50"],
    ["0.1", "EUR", "€0.10"],
    ["not priced", "USD", "not priced"],
    [1, "no such currency", "1 no such currency"],
  ])("%s %s is %s", (amount, currency, said) => expect(money(amount, currency)).toBe(said));
});

it("counts one and many", () => {
  expect([count(1, "resource"), count(0, "resource"), count(2_000, "entry", "entries")]).toEqual([
    "1 resource",
    "0 resources",
    "2,000 entries",
  ]);
});

it("shows any value as a short text", () => {
  expect([null, undefined, "a", 0, false, ["a"], { a: 1 }].map(shown)).toEqual([
    "—",
    "—",
    "a",
    "0",
    "false",
    '["a"]',
    '{"a":1}',
  ]);
});

it("leaves a date alone that is none", () => {
  expect(dateTime("never")).toBe("never");
});

it("writes codes as words", () => {
  expect(words("rolling_back")).toBe("rolling back");
});
