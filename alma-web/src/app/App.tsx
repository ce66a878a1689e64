import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { useEffect } from "react";
import { RouterProvider } from "react-router";
import { queries } from "@/lib/api/queries";
import { begin } from "@/lib/session";
import { useProject } from "@/lib/project";
import { watchChanges } from "./changes";
import { Gate } from "./Gate";
import { router } from "./router";
import { theme } from "./theme";

watchChanges();

export function App() {
  const project = useProject();
  useEffect(() => {
    void begin();
  }, [project]);
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <Notifications position="bottom-right" />
      <QueryClientProvider client={queries}>
        <Gate>
          <RouterProvider router={router} />
        </Gate>
      </QueryClientProvider>
    </MantineProvider>
  );
}
