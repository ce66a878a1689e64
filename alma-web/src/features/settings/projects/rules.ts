/** A project's rules as a form has them, and as people read them. */
import type { ApprovalRule, ProjectRules } from "@/lib/api/schema";
import { count } from "@/lib/format";

export type Choice = "installation" | "yes" | "no";

export interface ApprovalDraft {
  id: number;
  engine: string;
  environment: string;
  approvals: number;
  approvers: string[];
}

export interface RulesDraft {
  author: Choice;
  auto: Choice;
  approverMayDeploy: boolean;
  approvals: ApprovalDraft[];
  everyEngine: boolean;
  engines: string[];
}

export function draftOf(rules: ProjectRules): RulesDraft {
  return {
    author: choiceOf(rules.author_may_approve),
    auto: choiceOf(rules.auto_approve),
    approverMayDeploy: rules.approver_may_deploy ?? true,
    approvals: (rules.approvals ?? []).map((rule, id) => ({
      id,
      engine: rule.engine ?? "",
      environment: rule.environment ?? "",
      approvals: rule.approvals ?? 1,
      approvers: [...(rule.approvers ?? [])],
    })),
    everyEngine: rules.engines === null || rules.engines === undefined,
    engines: [...(rules.engines ?? [])],
  };
}

export function rulesOf(draft: RulesDraft): ProjectRules {
  return {
    author_may_approve: valueOf(draft.author),
    auto_approve: valueOf(draft.auto),
    approver_may_deploy: draft.approverMayDeploy,
    approvals: draft.approvals.map(({ engine, environment, approvals, approvers }) => ({
      engine: engine.trim() === "" ? null : engine.trim(),
      environment: environment.trim() === "" ? null : environment.trim(),
      approvals,
      approvers,
    })),
    engines: draft.everyEngine ? null : draft.engines,
  };
}

function choiceOf(value: boolean | null | undefined): Choice {
  if (value === null || value === undefined) return "installation";
  return value ? "yes" : "no";
}

function valueOf(choice: Choice): boolean | null {
  return choice === "installation" ? null : choice === "yes";
}

/** What the rules say, a sentence each. */
export function told(rules: ProjectRules): string[] {
  const own = (value: boolean | null | undefined, yes: string, no: string): string[] =>
    value === null || value === undefined ? [] : [value ? yes : no];
  return [
    ...(rules.approvals ?? []).map(toldOf),
    ...own(
      rules.author_may_approve,
      "Authors may approve what they wrote.",
      "Authors can't approve what they wrote.",
    ),
    ...own(
      rules.auto_approve,
      "What no rule of approvals fits needs nobody's approval.",
      "What no rule of approvals fits needs an approval all the same.",
    ),
    ...(rules.approver_may_deploy === false ? ["Who approved a request can't start it."] : []),
    rules.engines === null || rules.engines === undefined
      ? "The project may use every engine that it can reach."
      : `The project may use ${rules.engines.join(", ") || "no engine"}.`,
  ];
}

function toldOf({ engine, environment, approvals, approvers }: ApprovalRule): string {
  const where = [engine ? `on ${engine}` : null, environment ? `in ${environment}` : null].filter(Boolean);
  const whose = approvers && approvers.length > 0 ? ` of ${approvers.join(", ")}` : "";
  const what = where.length > 0 ? `What lands ${where.join(" ")}` : "Every request";
  return `${what} needs ${count(approvals ?? 1, "approval")}${whose}.`;
}
