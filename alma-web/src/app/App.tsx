import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { useEffect } from "react";
import { RouterProvider } from "react-router";
import { queries } from "@/lib/api/queries";
import { live } from "@/lib/live";
import { begin, useSession } from "@/lib/session";
import { useProject } from "@/lib/project";
import { Gate } from "./Gate";
import { router } from "./router";
import { theme } from "./theme";

export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <Notifications position="bottom-right" />
      <QueryClientProvider client={queries}>
        <Gate>
          <RouterProvider router={router} />
        </Gate>
        <Changes />
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** What was read as somebody, or in a project, is not shown to somebody else, or in another. */
function Changes() {
  const project = useProject();
  const session = useSession();
  const who = session.state === "in" ? session.caller.id : null;
  useEffect(() => {
    void begin();
  }, [project]);
  useEffect(() => {
    queries.clear();
    live.restart();
  }, [project, who]);
  return null;
}
