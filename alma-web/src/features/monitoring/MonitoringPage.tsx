/** How this server is doing: its parts, and its last minutes in figures. */
import { Alert, Anchor, Code, Stack, Text } from "@mantine/core";
import { Page } from "@/components/Page";
import { useMay } from "@/lib/permissions";
import { Figures } from "./Figures";
import { Health } from "./Health";
import { Limits } from "./Limits";
import { Outlook } from "./Outlook";

export default function MonitoringPage() {
  const mayRead = useMay("metrics:read");
  const mayForecast = useMay("tool:run");
  return (
    <Page title="Monitoring" about="Whether ALMA is well, and what it does.">
      <Stack gap="xl">
        <Health />
        {mayRead ? (
          <>
            <Figures onHistory={(points) => (mayForecast ? <Outlook points={points} /> : null)} />
            <Limits />
          </>
        ) : (
          <Alert color="gray" title="You do not see the figures of this server">
            Request rates, latencies and limits take the permission metrics:read.
            {!mayForecast && " Forecasts take tool:run."}
          </Alert>
        )}
        <Elsewhere />
      </Stack>
    </Page>
  );
}

function Elsewhere() {
  return (
    <Text size="sm" c="dimmed">
      For longer than the last minutes, let{" "}
      <Anchor href="https://prometheus.io/docs/" target="_blank" rel="noreferrer" inherit underline="always">
        Prometheus
      </Anchor>{" "}
      read <Code>/metrics</Code> and import <Code>grafana-dashboard.json</Code> in{" "}
      <Anchor
        href="https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/import-dashboards/"
        target="_blank"
        rel="noreferrer"
        inherit
        underline="always"
      >
        Grafana
      </Anchor>
      ; docs/monitoring.md has both, and the alerts.
    </Text>
  );
}
