import { expect, test } from "vitest";
import { fieldsOf } from "@/components/form/fields";
import { Problem } from "@/lib/api/problem";
import type { Diagnostic } from "@/lib/api/schema";
import { found, givenBy, tagsOf } from "./choosing";
import { placed } from "./placing";

const TOOLS = [
  {
    name: "estimate_resources",
    title: "Estimate",
    description: "Costs.",
    words: ["what does it cost"],
    tags: ["costs"],
  },
  {
    name: "security_audit",
    title: "Audit",
    description: "Findings.",
    words: ["is it safe"],
    tags: ["policy"],
  },
];

test("tools are found by their names, by what they do, and by how people ask for them", () => {
  const names = (search: string, tag: string | null = null) =>
    found(TOOLS, search, tag).map(({ name }) => name);
  expect(names("")).toHaveLength(2);
  expect(names("SAFE")).toEqual(["security_audit"]);
  expect(names("estimate cost")).toEqual(["estimate_resources"]);
  expect(names("", "policy")).toEqual(["security_audit"]);
  expect(names("safe", "costs")).toEqual([]);
  expect(tagsOf(TOOLS)).toEqual(["costs", "policy"]);
});

test("another page leads to a tool with a blueprint, and not with anything else", () => {
  expect(givenBy(new URLSearchParams("blueprint=5"))).toEqual({ blueprint_id: 5 });
  expect(givenBy(new URLSearchParams("blueprint=<b>"))).toEqual({});
});

const FIELDS = fieldsOf({
  properties: {
    blueprint: { type: "object" },
    blueprint_id: { type: "integer" },
    region: { type: "string" },
    requirements: { type: "object", properties: { budget: { type: "number" } } },
  },
});

function refusal(...places: [path: string, message: string][]): Problem {
  const diagnostics = places.map(([path, message]): Diagnostic => ({
    severity: "error",
    code: "x",
    path,
    message,
    hint: null,
  }));
  return new Problem("Invalid arguments", { status: 422, diagnostics, errors: ["all of it"] });
}

test("what the server says of parameters stands at their fields, and the rest of it in the alert", () => {
  const told = placed(
    refusal(
      ["region", "must be a text"],
      ["requirements.budget", "too much"],
      ["blueprint_id", "too small"],
      ["zz", "unknown field"],
    ),
    FIELDS,
  );
  expect(told?.faults).toEqual({
    region: "Must be a text.",
    "requirements.budget": "Too much.",
    blueprint: "Too small.",
  });
  expect(told?.rest.errors).toEqual(["zz: unknown field."]);
});

test("what is within a field names its place", () => {
  expect(placed(refusal(["blueprint.resources.0.type", "unknown"]), FIELDS)?.faults).toEqual({
    blueprint: "resources.0.type: unknown.",
  });
});

test("a failure that is of no field stays as it is", () => {
  expect(placed(refusal(["elsewhere", "no"]), FIELDS)).toBeNull();
  expect(placed(new Problem("The server can't be reached"), FIELDS)).toBeNull();
});
