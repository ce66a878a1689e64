import { expect, test } from "vitest";
import { standingOf } from "./standing";

const now = Date.parse("2026-06-15T12:00:00Z");
const of = (expires: string, revoked_at: string | null = null) => standingOf({ expires, revoked_at }, now);

test("a waiver holds to the end of its last day", () => {
  expect(of("2026-06-15")).toBe("ends soon");
  expect(of("2026-06-14")).toBe("over");
});

test("two weeks before, it is time to think of it", () => {
  expect(of("2026-06-28")).toBe("ends soon");
  expect(of("2026-07-20")).toBe("holds");
});

test("one that was taken back holds no more, whatever its day", () => {
  expect(of("2026-07-20", "2026-06-01T00:00:00Z")).toBe("revoked");
});
