/** The parts of the settings, each with an address of its own and fetched when somebody goes there. */
import { type ComponentType, lazy, type LazyExoticComponent } from "react";
import type { CallerView, Permission } from "@/lib/api/schema";
import { mayOf } from "@/lib/permissions";

export interface Section {
  id: string;
  title: string;
  about: string;
  group: "Project" | "Installation" | "You";
  Content: LazyExoticComponent<ComponentType>;
  /** Who gets anything from it. */
  offered: (caller: CallerView) => boolean;
}

const may = (permission: Permission) => (caller: CallerView) => mayOf(caller, permission);
const administers = (caller: CallerView) => caller.administrator;
const anybody = () => true;

export const SECTIONS: readonly Section[] = [
  {
    id: "engines",
    title: "Engines",
    about: "Where blueprints are deployed, how this project reaches them, and whether they answer.",
    group: "Project",
    Content: lazy(() => import("./engines/EnginesSection")),
    offered: may("engine:read"),
  },
  {
    id: "project",
    title: "Project and rules",
    about: "Who has to approve what before it runs, and which engines the project may use.",
    group: "Project",
    Content: lazy(() => import("./projects/ProjectSection")),
    offered: may("member:read"),
  },
  {
    id: "members",
    title: "Members",
    about: "Who holds which role in this project. Roles add up.",
    group: "Project",
    Content: lazy(() => import("./members/MembersSection")),
    offered: may("member:read"),
  },
  {
    id: "roles",
    title: "Roles",
    about: "What each role allows. A project may have roles of its own.",
    group: "Project",
    Content: lazy(() => import("./members/RolesSection")),
    offered: may("member:read"),
  },
  {
    id: "keys",
    title: "API keys",
    about: "For programs. A key can never do more than whoever made it, and ends with that account.",
    group: "Project",
    Content: lazy(() => import("./keys/KeysSection")),
    offered: may("key:manage"),
  },
  {
    id: "policies",
    title: "Policies",
    about:
      "The rules that every blueprint is checked against. They stand in files that are read again when they change.",
    group: "Project",
    Content: lazy(() => import("./policies/PoliciesSection")),
    offered: may("policy:read"),
  },
  {
    id: "waivers",
    title: "Waivers",
    about: "Broken rules that somebody answers for, where, and until when.",
    group: "Project",
    Content: lazy(() => import("./policies/WaiversSection")),
    offered: may("policy:read"),
  },
  {
    id: "audit",
    title: "Audit log",
    about: "Who did what to what, from where, and what came of it.",
    group: "Project",
    Content: lazy(() => import("./audit/AuditSection")),
    offered: may("audit:read"),
  },
  {
    id: "models",
    title: "Language models",
    about: "What answers in conversations beside ALMA itself, which understands English without any model.",
    group: "Installation",
    Content: lazy(() => import("./models/ModelsSection")),
    offered: may("conversation:use"),
  },
  {
    id: "prices",
    title: "Price books",
    about: "What costs are computed from, each figure with its source and day.",
    group: "Installation",
    Content: lazy(() => import("./prices/PricesSection")),
    offered: anybody,
  },
  {
    id: "projects",
    title: "Projects",
    about: "What people in one project have, people in another don't see.",
    group: "Installation",
    Content: lazy(() => import("./projects/ProjectsSection")),
    offered: administers,
  },
  {
    id: "accounts",
    title: "Accounts",
    about: "The people who may sign in. An account may do nothing until it holds a role in a project.",
    group: "Installation",
    Content: lazy(() => import("./accounts/AccountsSection")),
    offered: administers,
  },
  {
    id: "secrets",
    title: "Keys of secrets",
    about: "What engines' credentials and generated passwords are encrypted with.",
    group: "Installation",
    Content: lazy(() => import("./secrets/SecretsSection")),
    offered: administers,
  },
  {
    id: "account",
    title: "Your account",
    about: "Your password, and where you are signed in.",
    group: "You",
    Content: lazy(() => import("./account/AccountSection")),
    offered: (caller) => caller.kind === "user",
  },
  {
    id: "about",
    title: "About",
    about: "Which ALMA this is, and where to read more.",
    group: "You",
    Content: lazy(() => import("./about/AboutSection")),
    offered: anybody,
  },
];

export function offeredTo(caller: CallerView): Section[] {
  return SECTIONS.filter(({ offered }) => offered(caller));
}
