import { expect, test } from "vitest";
import type { ProjectRules } from "@/lib/api/schema";
import { draftOf, rulesOf, told } from "./rules";

const FULL: ProjectRules = {
  author_may_approve: false,
  auto_approve: true,
  approver_may_deploy: false,
  approvals: [
    { engine: "proxmox@lab", environment: "production", approvals: 2, approvers: ["role:security"] },
  ],
  engines: ["docker", "proxmox@*"],
};

test("rules survive a form unchanged", () => {
  expect(rulesOf(draftOf(FULL))).toEqual(FULL);
});

test("what a project does not say stays unsaid", () => {
  expect(rulesOf(draftOf({}))).toEqual({
    author_may_approve: null,
    auto_approve: null,
    approver_may_deploy: true,
    approvals: [],
    engines: null,
  });
});

test("an empty list of engines is none, and no list is all", () => {
  expect(rulesOf(draftOf({ engines: [] })).engines).toEqual([]);
  expect(told({ engines: [] })).toContain("The project may use no engine.");
});

test("rules are told in sentences", () => {
  expect(told(FULL)).toEqual([
    "What lands on proxmox@lab in production needs 2 approvals of role:security.",
    "Authors can't approve what they wrote.",
    "What no rule of approvals fits needs nobody's approval.",
    "Who approved a request can't start it.",
    "The project may use docker, proxmox@*.",
  ]);
});
