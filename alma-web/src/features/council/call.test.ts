import { describe, expect, it } from "vitest";
import { callFor } from "./call";

describe("the call", () => {
  it("names exactly one subject, and an engine where there is a choice", () => {
    expect(callFor("words", " a web app ", "3", "docker")).toEqual({
      request: "a web app",
      engine: "docker",
    });
    expect(callFor("blueprint", "a web app", "3", " ")).toEqual({ blueprint_id: 3 });
    expect(callFor("request", "a web app", "7", "docker")).toEqual({ ipr_id: 7 });
  });

  it("is none while nothing is named", () => {
    expect(callFor("words", "  ", "3", "")).toBeNull();
    expect(callFor("blueprint", "a web app", null, "")).toBeNull();
    expect(callFor("request", "a web app", "x", "")).toBeNull();
  });
});
