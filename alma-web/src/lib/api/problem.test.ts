import { describe, expect, it } from "vitest";
import { asProblem, Problem, problemOf, unreachable } from "./problem";

function told(status: number, body: unknown, headers: Record<string, string> = {}): Problem {
  return problemOf({ status, headers: new Headers(headers) }, body);
}

describe("an answer that says what is wrong", () => {
  it("is told in its own words, with its hint and its number", () => {
    const problem = told(
      409,
      { detail: "The plan is stale", code: "plan_stale", hint: "Plan again", errors: ["web.image"] },
      { "X-Request-ID": "r1" },
    );
    expect(problem).toMatchObject({
      message: "The plan is stale",
      code: "plan_stale",
      hint: "Plan again",
      errors: ["web.image"],
      status: 409,
      requestId: "r1",
      passing: false,
    });
  });

  it("may say when it is worth asking again, in seconds or as a date", () => {
    expect(told(429, {}, { "Retry-After": "7" }).retryAfter).toBe(7);
    const date = new Date(Date.now() + 60_000).toUTCString();
    const seconds = told(503, {}, { "Retry-After": date }).retryAfter;
    expect(seconds).toBeGreaterThan(50);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(told(503, {}, { "Retry-After": new Date(0).toUTCString() }).retryAfter).toBe(0);
    expect(told(503, {}, { "Retry-After": "soon" }).retryAfter).toBeNull();
  });
});

describe("an answer from something in between", () => {
  it.each([
    [502, null, "The server in between had no answer"],
    [503, "<html>busy</html>", "The server is busy or starting"],
    [401, undefined, "You are not signed in"],
    [418, {}, "The server answered 418"],
    [500, [], "The server answered 500"],
  ])("%d with %j is told in our words", (status, body, message) => {
    expect(told(status, body).message).toBe(message);
  });

  it("that has the wrong types breaks nothing", () => {
    const problem = told(422, { detail: { a: 1 }, code: 7, hint: [], errors: "no", diagnostics: 3 });
    expect(problem).toMatchObject({ errors: [], diagnostics: [], hint: null, code: "http_422" });
    expect(told(422, { errors: [{ a: 1 }, "said", 5] }).errors).toEqual(["said"]);
  });
});

describe("what passes by itself", () => {
  it.each([
    [0, true],
    [401, false],
    [404, false],
    [422, false],
    [429, true],
    [500, true],
    [503, true],
  ])("of %d is %s", (status, passing) => expect(new Problem("", { status }).passing).toBe(passing));
});

describe("whatever was thrown", () => {
  it("can be shown", () => {
    expect(asProblem(new TypeError("Failed to fetch")).code).toBe("unreachable");
    expect(asProblem(new Error("oops"))).toMatchObject({
      message: "oops",
      code: "page_fault",
      passing: false,
    });
    expect(asProblem("text").message).toBe("Something unexpected happened");
    const same = unreachable();
    expect(asProblem(same)).toBe(same);
  });
});
