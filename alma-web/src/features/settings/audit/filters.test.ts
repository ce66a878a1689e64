import { expect, test } from "vitest";
import { differences, filtersOf } from "./filters";

const of = (text: string) => filtersOf(new URLSearchParams(text));

test("an address without filters asks for everything of the project", () => {
  expect(of("")).toEqual({
    principal: null,
    action: null,
    target: null,
    outcome: null,
    since: null,
    until: null,
    everywhere: false,
  });
});

test("days are looked at as a whole", () => {
  expect(of("since=2026-01-02&until=2026-01-03")).toMatchObject({
    since: "2026-01-02T00:00:00Z",
    until: "2026-01-03T23:59:59.999Z",
  });
});

test("what somebody wrote into the address and no log knows is left out", () => {
  expect(of("outcome=perhaps&since=yesterday&action=%20")).toMatchObject({
    outcome: null,
    since: null,
    action: null,
  });
});

test("an entry's before and after stand side by side, fields of either alone too", () => {
  expect(differences({ a: 1, b: [1], c: true }, { a: 2, b: [1], d: "x" })).toEqual([
    { field: "a", before: 1, after: 2, same: false },
    { field: "b", before: [1], after: [1], same: true },
    { field: "c", before: true, after: undefined, same: false },
    { field: "d", before: undefined, after: "x", same: false },
  ]);
  expect(differences(null, null)).toEqual([]);
});
