import { describe, expect, it } from "vitest";
import { suggest } from "./completion";
import type { Schema } from "./schema";

const SCHEMA: Schema = {
  type: "object",
  properties: {
    name: { type: "string", description: "What people call it." },
    engine: { anyOf: [{ type: "string" }, { type: "null" }] },
    resources: { type: "array", items: { $ref: "#/$defs/Resource" }, description: "What is wanted." },
  },
  required: ["name"],
  $defs: {
    Resource: {
      type: "object",
      required: ["name", "type"],
      properties: {
        name: { type: "string" },
        type: { $ref: "#/$defs/Type", description: "What kind of thing it is." },
        specs: { $ref: "#/$defs/Specs" },
        backup: { anyOf: [{ type: "boolean" }, { $ref: "#/$defs/Backup" }, { type: "null" }] },
        depends_on: { type: "array", items: { type: "string" } },
        mounts: { type: "array", items: { $ref: "#/$defs/Mount" } },
        rules: {
          type: "array",
          items: { type: "object", properties: { action: { type: "string", pattern: "^(allow|deny)$" } } },
        },
      },
    },
    Type: { type: "string", enum: ["vm", "database", "volume"] },
    Specs: { type: "object", properties: { cpu: { type: "number" }, memory: { type: "string" } } },
    Backup: { type: "object", properties: { schedule: { type: "string" } } },
    Mount: { type: "object", properties: { volume: { type: "string" }, path: { type: "string" } } },
  },
};

/** What is suggested where the text has a bar. */
function labels(marked: string): string[] | null {
  const offset = marked.indexOf("|");
  const found = suggest(marked.replace("|", ""), offset, SCHEMA);
  return found?.options.map(({ label }) => label) ?? null;
}

describe("suggest", () => {
  it("knows the keys of the document", () => {
    expect(labels("|")).toEqual(["name", "engine", "resources"]);
    expect(labels("name: shop\nre|")).toEqual(["engine", "resources"]);
  });

  it("knows the keys of an item, without those that are there", () => {
    expect(labels("name: a\nresources:\n  - name: db\n    |")).toEqual([
      "type",
      "specs",
      "backup",
      "depends_on",
      "mounts",
      "rules",
    ]);
    expect(labels("resources:\n  - name: db\n    ty|\n    specs: {cpu: 1}")).not.toContain("specs");
  });

  it("knows the keys of an item that begins", () => {
    expect(labels("resources:\n  - |")).toContain("type");
    expect(labels("resources:\n  - na|")).toContain("name");
  });

  it("knows the keys below a key and within braces", () => {
    expect(labels("resources:\n  - name: db\n    specs:\n      |")).toEqual(["cpu", "memory"]);
    expect(labels("resources:\n  - name: db\n    specs: {|}")).toEqual(["cpu", "memory"]);
    expect(labels("resources:\n  - name: db\n    specs: {cpu: 1, me|}")).toEqual(["memory"]);
  });

  it("knows the values of an enumeration, of a pattern that is one, and of yes or no", () => {
    expect(labels("resources:\n  - name: db\n    type: |")).toEqual(["vm", "database", "volume"]);
    expect(labels("resources:\n  - name: db\n    type: data|\n    specs: {}")).toContain("database");
    expect(labels("resources:\n  - rules:\n      - action: |")).toEqual(["allow", "deny"]);
    expect(labels("resources:\n  - backup: |")).toEqual(["true", "false"]);
  });

  it("offers the keys of an object not on the line of its own key", () => {
    expect(labels("resources:\n  - name: db\n    specs: |")).toBeNull();
  });

  it("names the other resources where one is wanted", () => {
    const text = "resources:\n  - {name: web, type: vm}\n  - {name: data, type: volume}\n";
    expect(labels(`${text}  - name: app\n    depends_on: [|]`)).toEqual(["web", "data"]);
    expect(labels(`${text}  - name: app\n    depends_on:\n      - |`)).toEqual(["web", "data"]);
    expect(labels(`${text}  - name: app\n    mounts:\n      - volume: |`)).toEqual(["data"]);
  });

  it("replaces the word that is being written, and leads on to what follows", () => {
    const text = "resources:\n  - name: db\n    sp";
    const found = suggest(text, text.length, SCHEMA);
    const specs = found?.options.find(({ label }) => label === "specs");
    expect(found?.from).toBe(text.length - 2);
    expect(specs?.text).toBe("specs:\n      ");
    expect(found?.options.find(({ label }) => label === "depends_on")?.text).toBe("depends_on:\n      - ");
  });

  it("says what is required", () => {
    const found = suggest("resources:\n  - ", 15, SCHEMA);
    expect(found?.options.filter(({ required }) => required).map(({ label }) => label)).toEqual([
      "name",
      "type",
    ]);
  });

  it("is silent in comments, where nothing is known, and in what is no YAML", () => {
    expect(labels("name: x # a comm|")).toBeNull();
    expect(labels("name: |")).toBeNull();
    expect(labels("nobody: [ {]}|")).toBeNull();
    expect(labels("a: *b\n|")).toEqual(["name", "engine", "resources"]);
  });
});
