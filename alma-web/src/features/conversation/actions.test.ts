import { describe, expect, it } from "vitest";
import { isAbout, isPlan, suggestion } from "./actions";

describe("suggestion", () => {
  it("is words to say", () => {
    expect(suggestion("Add a redis cache")).toMatchObject({ words: "Add a redis cache", call: null });
  });

  it("is a call with its body", () => {
    const found = suggestion(
      'Approve it: POST /api/v1/iprs/7/review {"action": "approve", "plan_digest": "sha256:ab"}',
    );
    expect(found).toEqual({
      label: "Approve it",
      words: null,
      call: { path: "/api/v1/iprs/7/review", body: { action: "approve", plan_digest: "sha256:ab" } },
      needs: "ipr:approve",
    });
    expect([found && isAbout(found, 7), found && isAbout(found, 71)]).toEqual([true, false]);
  });

  it("is a plan to look at", () => {
    const found = suggestion("Look at its plan first: POST /api/v1/blueprints/1/plan");
    expect(found && isPlan(found)).toBe(true);
  });

  it("opens a request by words, so that the conversation knows of it", () => {
    const found = suggestion(
      'Open a request for its deployment: POST /api/v1/iprs {"title": "Deploy a: b", "blueprint_id": 1}',
    );
    expect(found).toMatchObject({
      label: "Open a request for its deployment",
      words: "Deploy it",
      needs: "ipr:open",
    });
  });

  it("calls nothing that it does not know", () => {
    expect(suggestion("Tidy up: POST /api/v1/accounts {}")).toBeNull();
    expect(suggestion("Tidy up: POST /api/v1/iprs/7/review {oops}")).toBeNull();
    expect(suggestion("See: POST https://elsewhere.example/x")?.call).toBeNull();
  });
});
