import { describe, expect, it } from "vitest";
import type { ParameterView } from "@/lib/api/schema";
import { byParameter, firstValues, matches, toSend } from "./values";

const parameter = (type: string, value: unknown): ParameterView => ({
  type,
  title: type,
  description: "",
  default: value,
  minimum: null,
  maximum: null,
  choices: [],
  takes: type,
});
const PARAMETERS = {
  servers: parameter("integer", 2),
  cpu: parameter("number", 0.5),
  memory: parameter("size", "1GB"),
  backups: parameter("boolean", true),
};

describe("a template's form", () => {
  it("begins with the defaults", () => {
    expect(firstValues(PARAMETERS)).toEqual({ servers: 2, cpu: 0.5, memory: "1GB", backups: true });
    expect(firstValues({ x: parameter("string", null) })).toEqual({ x: "" });
  });

  it("sends only what was changed", () => {
    expect(toSend(firstValues(PARAMETERS), PARAMETERS)).toEqual({});
    expect(toSend({ servers: 3, cpu: 0.5, memory: "1GB", backups: false }, PARAMETERS)).toEqual({
      servers: 3,
      backups: false,
    });
  });

  it("sends numbers as numbers, and lets the server say what is none", () => {
    expect(toSend({ servers: "4", cpu: "much", memory: " 2GB " }, PARAMETERS)).toEqual({
      servers: 4,
      cpu: "much",
      memory: "2GB",
    });
  });

  it("keeps the default of a field that was emptied", () => {
    expect(toSend({ memory: "", servers: "" }, PARAMETERS)).toEqual({});
  });

  it("puts what the server says to the field it is about", () => {
    const { of, rest } = byParameter(["servers: at most 20", "something else"], PARAMETERS);
    expect(of).toEqual({ servers: "at most 20" });
    expect(rest).toEqual(["something else"]);
  });

  it("filters by category and complexity", () => {
    const web = { category: "web", complexity: "low" };
    expect(matches(web, { category: "", complexity: "" })).toBe(true);
    expect(matches(web, { category: "web", complexity: "high" })).toBe(false);
  });
});
