import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { faultsOf } from "./check";
import { draftOf, readDraft } from "./draft";
import { type Field, fieldsOf, type JsonSchema } from "./fields";

const DATA_SIZE: JsonSchema = {
  anyOf: [{ type: "string", pattern: "^\\d+GB$" }, { type: "null" }],
  default: null,
};
const SCHEMA: JsonSchema = {
  type: "object",
  additionalProperties: false,
  $defs: {
    Mode: { enum: ["standard", "high"], type: "string" },
    Needs: {
      type: "object",
      properties: {
        budget: { anyOf: [{ type: "number" }, { type: "string" }], default: null },
        data_size: DATA_SIZE,
      },
      additionalProperties: false,
    },
    Measured: {
      type: "object",
      properties: { timestamp: { type: "string", format: "date-time" }, metrics: { type: "object" } },
    },
  },
  properties: {
    blueprint: { anyOf: [{ type: "object", additionalProperties: true }, { type: "null" }], default: null },
    blueprint_id: { anyOf: [{ type: "integer", minimum: 1 }, { type: "null" }], default: null },
    mode: { $ref: "#/$defs/Mode", default: "standard", description: "How much may fail." },
    limit: { type: "integer", minimum: 1, maximum: 100, default: 50 },
    strict: { type: "boolean", default: false },
    providers: { type: "array", items: { type: "string" }, default: [] },
    engines: { anyOf: [{ type: "array", items: { type: "string" } }, { type: "string" }], default: [] },
    sizes: { type: "object", additionalProperties: { type: "number" }, examples: [{ peak: 3 }] },
    needs: { $ref: "#/$defs/Needs" },
    history: { type: "array", items: { $ref: "#/$defs/Measured" } },
    logs: { anyOf: [{ type: "string" }, { type: "object" }] },
    target: { anyOf: [{ type: "number" }, { type: "string" }, { type: "null" }] },
  },
  required: ["needs"],
};

function field(name: string): Field {
  const found = fieldsOf(SCHEMA).find((one) => one.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

test("each way of saying a value becomes the one input that can say all of it", () => {
  expect(Object.fromEntries(fieldsOf(SCHEMA).map(({ name, kind }) => [name, kind]))).toEqual({
    blueprint: "blueprint",
    mode: "choice",
    limit: "number",
    strict: "flag",
    providers: "list",
    engines: "list",
    sizes: "document",
    needs: "group",
    history: "series",
    logs: "long",
    target: "text",
  });
  expect(field("mode").options).toEqual(["standard", "high"]);
  expect(field("mode").about).toBe("How much may fail.");
  expect(field("needs").children.map(({ name }) => name)).toEqual(["budget", "data_size"]);
  expect(field("sizes").example).toBe('{"peak":3}');
});

test("a form that was filled from values says the same values", () => {
  const values = {
    blueprint: { name: "shop", resources: [{ name: "web", type: "vm" }] },
    mode: "high",
    limit: 7,
    strict: true,
    providers: ["aws"],
    sizes: { peak: 3 },
    needs: { budget: 500, data_size: "20GB" },
    history: [{ timestamp: "2026-10-01", metrics: { disk: 52 } }],
    target: 0.3,
  };
  const fields = fieldsOf(SCHEMA);
  expect(readDraft(fields, draftOf(fields, values))).toEqual({ value: values, faults: {} });
});

test("what was left empty is left out, and a number goes where a number may", () => {
  const fields = fieldsOf(SCHEMA);
  const { value, faults } = readDraft(fields, {
    blueprint: { saved: 5, text: "", written: false },
    limit: "",
    target: "30%",
    needs: { budget: "12.5", data_size: "" },
  });
  expect(faults).toEqual({});
  expect(value).toEqual({ blueprint_id: 5, target: "30%", needs: { budget: 12.5 } });
});

test("what can't be read is told at its field", () => {
  const fields = fieldsOf(SCHEMA);
  const { faults } = readDraft(fields, {
    limit: "many",
    sizes: "{ not: yaml: at: all",
    history: "yesterday,12",
    blueprint: { saved: null, text: "- a list", written: true },
  });
  expect(Object.keys(faults).sort()).toEqual(["blueprint", "history", "limit", "sizes"]);
  expect(faults.limit).toBe("A number is needed.");
});

test("the schema's faults are told in words, at their place", () => {
  expect(faultsOf(SCHEMA, { needs: {}, limit: 500, mode: "most", target: [] })).toEqual({
    limit: "At most 100.",
    mode: "It is none of the choices.",
    target: "A number is needed; or a text is needed.",
  });
  expect(faultsOf(SCHEMA, { needs: { data_size: "much" } })).toEqual({
    "needs.data_size": "It is not written as it has to be.",
  });
  expect(faultsOf(SCHEMA, {})).toEqual({ needs: "This is needed." });
  expect(faultsOf(SCHEMA, { needs: { budget: 4 } })).toEqual({});
  const day = { timestamp: "2026-10-01", metrics: { disk: 1 } };
  expect(faultsOf(SCHEMA, { needs: {}, history: [day] })).toEqual({});
});

test("nothing is compiled: the page's policy forbids it", () => {
  const source = readFileSync("node_modules/@cfworker/json-schema/dist/esm/validate.js", "utf8");
  expect(source).not.toMatch(/new Function|\beval\(/);
});
