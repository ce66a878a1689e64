/** What can be done with a request as it stands, by whom, and what stands against it. The server decides; this is what is offered. */
import type { CallerView, IprState, IprView, Permission, ReviewAction } from "@/lib/api/schema";

export type Offer =
  "approve" | "request_changes" | "reject" | "edit" | "replan" | "withdraw" | "dry_run" | "deploy";

/** Where somebody still has to decide something. */
const OPEN: readonly IprState[] = ["pending", "approved", "failed"];

export function isOpen({ status }: Pick<IprView, "status">): boolean {
  return OPEN.includes(status);
}

/** Who speaks when this caller does: a key speaks for its owner. */
export function personOf({ id, owner }: Pick<CallerView, "id" | "owner">): string {
  return owner ?? id;
}

export function offersFor(ipr: IprView, caller: CallerView): ReadonlySet<Offer> {
  const may = (permission: Permission) => caller.permissions.includes(permission);
  const open = isOpen(ipr);
  const offers: [Offer, boolean][] = [
    ["approve", open && may("ipr:approve") && stands(ipr).length === 0 && !hasApproved(ipr, caller)],
    ["request_changes", open && may("ipr:approve")],
    ["reject", open && may("ipr:approve")],
    ["edit", ipr.status === "pending" && may("ipr:open")],
    ["replan", open && may("plan:make")],
    ["withdraw", ["pending", "approved"].includes(ipr.status) && may("ipr:cancel")],
    ["dry_run", open && may("plan:make")],
    ["deploy", isReady(ipr) && may("deployment:start")],
  ];
  return new Set(offers.filter(([, holds]) => holds).map(([offer]) => offer));
}

/** Approved by everybody who has to, and not started or to be tried again. */
function isReady(ipr: IprView): boolean {
  const agreed = ipr.approvals?.complete ?? ipr.approved;
  return (ipr.status === "approved" || ipr.status === "failed") && agreed && !isShut(ipr);
}

function isShut({ plan, council }: IprView): boolean {
  return plan.blocked || (council?.shut ?? false);
}

/** Whether the caller's last word is an approval of exactly this plan: there is nothing to add to it. */
function hasApproved({ reviews, plan_digest }: IprView, caller: CallerView): boolean {
  const last = reviews.filter(({ principal }) => principal === personOf(caller)).at(-1);
  return last?.action === "approve" && last.plan_digest === plan_digest;
}

export interface Obstacle {
  what: string;
  why: string[];
  help: string;
  /** Whether it stands against everybody's approval, or only against the caller's own. */
  of: "all" | "caller";
}

/** What stands against an approval, and what helps. */
export function stands(ipr: IprView): Obstacle[] {
  const { plan, council, approvals } = ipr;
  const found: Obstacle[] = [];
  if (plan.blocked) {
    found.push({
      of: "all",
      what: "The plan can't run",
      why: plan.diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message),
      help: "Mend the blueprint or the engine, then replan.",
    });
  }
  if (council?.shut) {
    const gating = (council.findings ?? []).filter(({ gating }) => gating);
    found.push({
      of: "all",
      what:
        gating.length > 0 ? "A mandatory rule is broken" : "The rules could not be asked, or not all of them",
      why: [
        ...gating.map(({ code, title, path }) => `${title} (${code}, at ${path})`),
        ...(gating.length > 0 ? [] : (council.unexamined ?? [])),
      ],
      help: "Mend the blueprint, or have the rule waived; then replan.",
    });
  }
  if (approvals?.refused) {
    found.push({ of: "caller", what: "You can't approve this", why: [approvals.refused], help: "" });
  }
  return found;
}

export const SAID: Record<ReviewAction, string> = {
  approve: "approved it",
  reject: "rejected it",
  request_changes: "asked for changes",
};

/** A review holds for one plan: which of them are of the plan at hand. */
export function isOfPlanAtHand(review: { plan_digest: string }, ipr: Pick<IprView, "plan_digest">): boolean {
  return review.plan_digest === ipr.plan_digest;
}

/** What became otherwise since somebody looked, in words; their own doings are no news. */
export function newsSince(before: IprView, after: IprView): string[] {
  const news: string[] = [];
  if (before.status !== after.status) {
    news.push(`It is ${after.status} now, and was ${before.status}.`);
  }
  if (before.plan_digest !== after.plan_digest)
    news.push("It was planned again, and the plan is another one.");
  for (const { principal, action } of after.reviews.slice(before.reviews.length)) {
    news.push(`${principal} ${SAID[action]}.`);
  }
  if (before.title !== after.title || before.description !== after.description) {
    news.push("Its title or description was edited.");
  }
  return news.length > 0 ? news : ["Something of it was changed."];
}
