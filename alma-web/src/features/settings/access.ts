/** What permissions and roles mean, in words for people who give them. */
import type { Permission } from "@/lib/api/schema";

interface Noun {
  title: string;
  permissions: [Permission, string][];
}

/** By what they are about; a test says that none is left out. */
export const PERMISSIONS: readonly Noun[] = [
  {
    title: "Blueprints",
    permissions: [
      ["blueprint:read", "See blueprints and their revisions"],
      ["blueprint:write", "Write and change blueprints"],
      ["blueprint:delete", "Delete blueprints of which nothing runs"],
      ["plan:make", "Have a plan made, which changes nothing"],
    ],
  },
  {
    title: "Requests",
    permissions: [
      ["ipr:read", "See requests, their plans and reviews"],
      ["ipr:open", "Open requests and have them planned again"],
      ["ipr:approve", "Approve, reject and ask for changes"],
      ["ipr:cancel", "Withdraw requests"],
    ],
  },
  {
    title: "Deployments and stacks",
    permissions: [
      ["deployment:read", "See deployments and their logs"],
      ["deployment:start", "Start what was approved"],
      ["deployment:cancel", "Stop a deployment"],
      ["stack:read", "See what runs, and its drift"],
      ["stack:verify", "Ask workloads whether they work"],
    ],
  },
  {
    title: "Conversation and tools",
    permissions: [
      ["conversation:use", "Talk to ALMA; what it does for one takes one's other permissions"],
      ["tool:run", "Use the tools, which read and compute"],
    ],
  },
  {
    title: "Engines",
    permissions: [
      ["engine:read", "See engines and whether they answer"],
      ["engine:configure", "Say how the project reaches engines, credentials included"],
    ],
  },
  {
    title: "Policies and records",
    permissions: [
      ["policy:read", "See rules and waivers"],
      ["policy:waive", "Answer for broken rules"],
      ["audit:read", "Read the project's audit log"],
      ["metrics:read", "See measurements"],
    ],
  },
  {
    title: "Administration",
    permissions: [
      ["member:read", "See members, roles and rules"],
      ["member:manage", "Grant and take roles, and make them"],
      ["key:manage", "Make and revoke API keys"],
      ["project:manage", "Rename the project and change its rules"],
    ],
  },
];

const MEANINGS = new Map(PERMISSIONS.flatMap(({ permissions }) => permissions));

export function meaningOf(permission: Permission): string {
  return MEANINGS.get(permission) ?? permission;
}

const ROLES: Record<string, string> = {
  viewer: "Sees everything of the project and talks to ALMA. Changes nothing.",
  editor: "Writes blueprints and opens requests. Approves and deploys nothing.",
  approver: "Reviews requests, answers for broken rules and reads the audit log.",
  operator: "Starts and stops what was approved, and checks what runs.",
  admin: "Everything in this project.",
};

/** What a role that every project has is for; nothing for one that people made. */
export function purposeOf(role: string): string | null {
  return ROLES[role] ?? null;
}
