import { describe, expect, it } from "vitest";
import { fieldsOf, guessesIn, headOf, isGuess } from "./fields";

describe("fields", () => {
  const fields = fieldsOf(
    {
      name: "web-1",
      type: "vm",
      specs: { cpu: 2, memory: "4GB" },
      depends_on: ["db", "cache"],
      network: { public_ip: true },
    },
    {
      "resources.web-1.type": "words",
      "resources.web-1.specs": "template",
      "resources.web-1.specs.cpu": "default",
      "resources.web-1.depends_on": "inferred",
      name: "model",
    },
  );

  it("have the origin of the value, or of what it is within", () => {
    expect(fields.map(({ path, value, origin }) => [path, value, origin])).toEqual([
      ["type", "vm", "words"],
      ["specs.cpu", "2", "default"],
      ["specs.memory", "4GB", "template"],
      ["depends_on", "db, cache", "inferred"],
      ["network.public_ip", "yes", null],
    ]);
  });

  it("count as guesses when nobody said them", () => {
    expect(guessesIn(fields)).toBe(2);
    expect([isGuess("model"), isGuess("words"), isGuess("template"), isGuess(null)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it("of the blueprint itself are shown, too", () => {
    const head = headOf(
      { name: "shop", metadata: { environment: "production" } },
      { "metadata.environment": "words", name: "inferred" },
    );
    expect(head).toEqual([
      { path: "name", value: "shop", origin: "inferred" },
      { path: "metadata.environment", value: "production", origin: "words" },
    ]);
  });
});
