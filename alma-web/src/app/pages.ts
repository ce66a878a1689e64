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

export interface PageEntry {
  path: string;
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
    title: "Conversation",
    icon: IconMessageCircle,
    needs: "conversation:use",
    words: "chat ask say talk",
  },
  {
    path: "/blueprints",
    title: "Blueprints",
    icon: IconLayoutGrid,
    needs: "blueprint:read",
    words: "yaml revisions desired",
  },
  {
    path: "/templates",
    title: "Templates",
    icon: IconTemplate,
    needs: "blueprint:read",
    words: "gallery start examples",
  },
  {
    path: "/iprs",
    title: "Requests",
    icon: IconGitPullRequest,
    needs: "ipr:read",
    words: "ipr pull request review approve reject plan",
  },
  {
    path: "/deployments",
    title: "Deployments",
    icon: IconRocket,
    needs: "deployment:read",
    words: "runs log cancel retry roll back",
  },
  {
    path: "/infrastructure",
    title: "Infrastructure",
    icon: IconServer,
    needs: "stack:read",
    words: "stacks drift health import engines",
  },
  {
    path: "/tools",
    title: "Tools",
    icon: IconTool,
    needs: "tool:run",
    words: "audit cost capacity forecast compliance",
  },
  {
    path: "/council",
    title: "Council",
    icon: IconUsersGroup,
    needs: "tool:run",
    words: "architect secops finops verdict",
  },
  {
    path: "/monitoring",
    title: "Monitoring",
    icon: IconActivityHeartbeat,
    needs: null,
    words: "metrics health latency rate limits",
  },
  {
    path: "/settings",
    title: "Settings",
    icon: IconSettings,
    needs: null,
    words: "engines models projects members keys policies prices audit",
  },
];
