import { createBrowserRouter, matchPath, type RouteObject } from "react-router";
import { Fault, NotFound } from "./Fault";
import { type Load, whenFetched } from "./fetching";
import { Shell } from "./shell/Shell";

/** A page that is fetched when somebody goes there; the first one at once, before it is known who asks. */
function page(path: string, load: Load): RouteObject {
  const Fetched = whenFetched(load);
  // What fails here fails again where it is drawn, and is told there.
  if (matchPath(path, window.location.pathname) !== null) load().catch(() => undefined);
  return { path, element: <Fetched />, errorElement: <Fault /> };
}

export const router = createBrowserRouter([
  {
    element: <Shell />,
    errorElement: <Fault />,
    children: [
      page("/", () => import("@/features/conversation/ConversationPage")),
      page("/conversations/:id", () => import("@/features/conversation/ConversationPage")),
      page("/blueprints", () => import("@/features/blueprints/BlueprintsPage")),
      page("/blueprints/new", () => import("@/features/blueprints/EditPage")),
      page("/blueprints/:id", () => import("@/features/blueprints/BlueprintPage")),
      page("/blueprints/:id/edit", () => import("@/features/blueprints/EditPage")),
      page("/templates", () => import("@/features/templates/TemplatesPage")),
      page("/templates/:id", () => import("@/features/templates/TemplatePage")),
      page("/iprs", () => import("@/features/iprs/IPRsPage")),
      page("/iprs/:id", () => import("@/features/iprs/IPRPage")),
      page("/deployments", () => import("@/features/deployments/DeploymentsPage")),
      page("/deployments/:id", () => import("@/features/deployments/DeploymentPage")),
      page("/infrastructure", () => import("@/features/infrastructure/InfrastructurePage")),
      page("/infrastructure/import/:engine", () => import("@/features/infrastructure/ImportPage")),
      page("/infrastructure/:id", () => import("@/features/infrastructure/StackPage")),
      page("/tools", () => import("@/features/tools/ToolsPage")),
      page("/tools/:name", () => import("@/features/tools/ToolPage")),
      page("/council", () => import("@/features/council/CouncilPage")),
      page("/monitoring", () => import("@/features/monitoring/MonitoringPage")),
      page("/settings", () => import("@/features/settings/SettingsPage")),
      page("/settings/:section", () => import("@/features/settings/SettingsPage")),
      { path: "*", element: <NotFound /> },
    ],
  },
]);
