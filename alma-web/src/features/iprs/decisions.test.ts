import { describe, expect, it } from "vitest";
import type { CallerView, IprView, Permission, Review } from "@/lib/api/schema";
import { newsSince, offersFor, stands } from "./decisions";

const REVIEWER: Permission[] = ["ipr:read", "ipr:approve", "plan:make"];
const ALL: Permission[] = [...REVIEWER, "ipr:open", "ipr:cancel", "deployment:start"];

function caller(permissions: Permission[] = ALL, more: Partial<CallerView> = {}): CallerView {
  return { id: "user:ada", owner: null, permissions, ...more } as CallerView;
}

function request(more: Partial<IprView> = {}): IprView {
  return {
    id: 7,
    title: "A change",
    description: "",
    status: "pending",
    approved: false,
    plan_digest: "sha256:1",
    plan: { blocked: false, diagnostics: [] },
    council: { shut: false, findings: [] },
    approvals: { complete: false, missing: "1 approval", held_by: [], needs: [], refused: null },
    reviews: [],
    ...more,
  } as unknown as IprView;
}

function review(more: Partial<Review> = {}): Review {
  return {
    action: "approve",
    principal: "user:ada",
    plan_digest: "sha256:1",
    created_at: "2026-01-01T00:00:00Z",
    ...more,
  };
}

const offered = (ipr: IprView, who = caller()) => [...offersFor(ipr, who)].sort();

describe("what is offered", () => {
  it("of a pending request: all but to deploy it", () => {
    expect(offered(request())).toEqual([
      "approve",
      "dry_run",
      "edit",
      "reject",
      "replan",
      "request_changes",
      "withdraw",
    ]);
  });

  it("goes by what the caller may do", () => {
    expect(offered(request(), caller(["ipr:read"]))).toEqual([]);
    expect(offered(request(), caller(REVIEWER))).toEqual([
      "approve",
      "dry_run",
      "reject",
      "replan",
      "request_changes",
    ]);
  });

  it("is to deploy once everybody has approved, and as often as it failed", () => {
    const agreed = { complete: true, missing: "", held_by: [], needs: [], refused: null };
    for (const status of ["approved", "failed"] as const) {
      expect(offered(request({ status, approvals: agreed }))).toContain("deploy");
    }
    expect(offered(request({ status: "failed" }))).not.toContain("deploy");
    expect(offered(request({ status: "pending", approvals: agreed }))).not.toContain("deploy");
  });

  it("is nothing once it has ended or is under way", () => {
    for (const status of ["deployed", "rejected", "cancelled", "deploying"] as const) {
      expect(offered(request({ status }))).toEqual([]);
    }
  });

  it("is no approval of one's own where that is refused, nor a second one of the same plan", () => {
    const refused = "IPR 7 was opened by ada, who can't approve it";
    const own = request({ approvals: { complete: false, missing: "", held_by: [], needs: [], refused } });
    expect(offered(own)).not.toContain("approve");
    expect(offered(own)).toContain("withdraw");
    const said = request({ reviews: [review()] });
    expect(offered(said)).not.toContain("approve");
    expect(offered(request({ reviews: [review({ plan_digest: "sha256:0" })] }))).toContain("approve");
    expect(offered(request({ reviews: [review(), review({ action: "request_changes" })] }))).toContain(
      "approve",
    );
    expect(offered(said, caller(ALL, { id: "key:1", owner: "user:ada" }))).not.toContain("approve");
  });

  it("is no approval of what can't run or may not", () => {
    const error = { code: "x", message: "no room", severity: "error" as const };
    const blocked = request({ plan: { blocked: true, diagnostics: [error] } as unknown as IprView["plan"] });
    expect(offered(blocked)).not.toContain("approve");
    expect(offered(blocked)).toContain("reject");
    expect(stands(blocked)[0]).toMatchObject({ what: "The plan can't run", why: ["no room"], of: "all" });
  });
});

describe("what stands against it", () => {
  it("names the mandatory rules that are broken and where", () => {
    const council = {
      shut: true,
      findings: [
        { gating: true, code: "R-1", title: "Open to all", path: "resources.db" },
        { gating: false, code: "R-2", title: "Small", path: "resources.web" },
      ],
    } as unknown as IprView["council"];
    expect(stands(request({ council })).map(({ what, why }) => [what, ...why])).toEqual([
      ["A mandatory rule is broken", "Open to all (R-1, at resources.db)"],
    ]);
  });

  it("says so where the rules could not be asked", () => {
    const council = { shut: true, unexamined: ["rules.yaml can't be read"] } as unknown as IprView["council"];
    expect(stands(request({ council }))[0]?.why).toEqual(["rules.yaml can't be read"]);
  });

  it("is nothing where all is well", () => {
    expect(stands(request())).toEqual([]);
  });
});

describe("news", () => {
  it("tells what somebody else did", () => {
    const after = request({
      status: "approved",
      plan_digest: "sha256:2",
      title: "Another",
      reviews: [review({ principal: "user:eve" })],
    });
    expect(newsSince(request(), after)).toEqual([
      "It is approved now, and was pending.",
      "It was planned again, and the plan is another one.",
      "user:eve approved it.",
      "Its title or description was edited.",
    ]);
  });
});
