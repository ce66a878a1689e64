import { describe, expect, it } from "vitest";
import type { BlueprintView } from "@/lib/api/schema";
import { guessesIn } from "./guesses";

const BLUEPRINT = {
  name: "shop",
  resources: [
    { name: "web", type: "vm", specs: { cpu: 2 } },
    { name: "web.admin", type: "vm", engine: "nginx" },
  ],
  metadata: { environment: "production" },
  origins: {
    "resources.web.specs.cpu": "default",
    "resources.web.admin.engine": "model",
    "metadata.environment": "words",
    name: "inferred",
    "resources.gone.count": "default",
  },
} as unknown as BlueprintView;

describe("guesses", () => {
  it("are what nobody said, the least certain first, with their values", () => {
    expect(guessesIn(BLUEPRINT)).toEqual([
      { path: "resources.web.admin.engine", origin: "model", value: "nginx" },
      { path: "name", origin: "inferred", value: "shop" },
      { path: "resources.web.specs.cpu", origin: "default", value: "2" },
      { path: "resources.gone.count", origin: "default", value: "—" },
    ]);
  });
});
