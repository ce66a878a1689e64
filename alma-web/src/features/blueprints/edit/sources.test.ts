import { describe, expect, it } from "vitest";
import { drawable, FIRST, isBlueprint } from "./sources";

describe("isBlueprint", () => {
  it("knows blueprints, as YAML and as JSON", () => {
    expect(isBlueprint(FIRST)).toBe(true);
    expect(isBlueprint('{"name": "x", "resources": []}')).toBe(true);
  });

  it("knows what is none", () => {
    expect(isBlueprint("name: shop\nservices: {web: {image: nginx}}")).toBe(false);
    expect(isBlueprint("apiVersion: v1\nkind: Service\n")).toBe(false);
    expect(isBlueprint('{"terraform_version": "1.9", "name": "x", "resources": []}')).toBe(false);
    for (const text of ["", "- a", "just words", "a: [", "name: {}"]) expect(isBlueprint(text)).toBe(false);
  });
});

describe("drawable", () => {
  it("gives nothing for what can't be read", () => expect(drawable("a: [")).toBeNull());
});
