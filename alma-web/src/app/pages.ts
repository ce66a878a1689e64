/** Every place one can go to, once: navigation, command palette and routes are made of it. */
import {
  IconActivityHeartbeat,
  IconGitPullRequest,
  IconLayoutGrid,
  IconMessageCircle,
  IconRocket,
  IconServer,
  IconSettings,
  IconTemplate,
  IconTool,
  IconUsersGroup,
  type Icon,
} from "@tabler/icons-react";
import type { Permission } from "@/lib/api/schema";

/** What belongs together in the navigation. */
export const GROUPS = ["Change", "Run", "Examine", ""] as const;

export interface PageEntry {
  path: string;
  group: (typeof GROUPS)[number];
  title: string;
  icon: Icon;
  /** Who may not do this is not led here. */
  needs: Permission | null;
  /** What somebody may type who looks for it. */
  words: string;
}

export const PAGES: readonly PageEntry[] = [
  {
    path: "/",
    group: "Change",
    title: "Conversation",
    icon: IconMessageCircle,
    needs: "conversation:use",
    words: "chat ask say talk",
  },
  {
    path: "/blueprints",
    group: "Change",
    title: "Blueprints",
    icon: IconLayoutGrid,
    needs: "blueprint:read",
    words: "yaml revisions desired",
  },
  {
    path: "/templates",
    group: "Change",
    title: "Templates",
    icon: IconTemplate,
    needs: "blueprint:read",
    words: "gallery start examples",
  },
  {
    path: "/iprs",
    group: "Change",
    title: "Requests",
    icon: IconGitPullRequest,
    needs: "ipr:read",
    words: "ipr pull request review approve reject plan",
  },
  {
    path: "/deployments",
    group: "Run",
    title: "Deployments",
    icon: IconRocket,
    needs: "deployment:read",
    words: "runs log cancel retry roll back",
  },
  {
    path: "/infrastructure",
    group: "Run",
    title: "Infrastructure",
    icon: IconServer,
    needs: "stack:read",
    words: "stacks drift health import engines",
  },
  {
    path: "/monitoring",
    group: "Run",
    title: "Monitoring",
    icon: IconActivityHeartbeat,
    needs: null,
    words: "metrics health latency rate limits",
  },
  {
    path: "/tools",
    group: "Examine",
    title: "Tools",
    icon: IconTool,
    needs: "tool:run",
    words: "audit cost capacity forecast compliance",
  },
  {
    path: "/council",
    group: "Examine",
    title: "Council",
    icon: IconUsersGroup,
    needs: "tool:run",
    words: "architect secops finops verdict",
  },
  {
    path: "/settings",
    group: "",
    title: "Settings",
    icon: IconSettings,
    needs: null,
    words: "engines models projects members keys policies prices audit",
  },
];
