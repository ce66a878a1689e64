/** The last minutes of this server in figures. What did not happen has none. */
import { Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { Loaded } from "@/components/states";
import { $api } from "@/lib/api/client";
import { every } from "@/lib/api/queries";
import type { MetricsSummary } from "@/lib/api/schema";
import { dateTime, duration, figure } from "@/lib/format";
import { HistoryChart } from "./HistoryChart";
import { type Line, type Point, useHistory } from "./history";
import { Endpoints, ModelUse, Tools, Deployments } from "./Tables";

const LATENCY: Line[] = [
  { key: "p50_ms", label: "median", color: "teal.6" },
  { key: "p95_ms", label: "p95", color: "blue.6" },
  { key: "p99_ms", label: "p99", color: "orange.6" },
];
const ERRORS: Line[] = [
  { key: "client_errors", label: "4xx", color: "yellow.7" },
  { key: "server_errors", label: "5xx", color: "red.6" },
];
const RATE: Line[] = [{ key: "per_second", label: "requests", color: "blue.6" }];

export function Figures({ onHistory }: { onHistory?: (points: readonly Point[]) => React.ReactNode }) {
  const summary = $api.useQuery(
    "get",
    "/api/v1/monitoring/metrics/summary",
    {},
    { refetchInterval: every(5), retry: false },
  );
  const points = useHistory(summary);
  return (
    <Loaded query={summary}>
      {(told) => (
        <Stack gap="lg">
          <Text size="sm" c="dimmed">
            The last {duration(told.window.seconds)}, of {told.window.whose}: {dateTime(told.window.since)} to{" "}
            {dateTime(told.window.until)}. Asked again every five seconds while this page is seen; each point
            of a line covers the window before it.
          </Text>
          <Tiles told={told} />
          <SimpleGrid cols={{ base: 1, md: 3 }}>
            <HistoryChart title="Requests a second" points={points} lines={RATE} unit="/s" />
            <HistoryChart title="Latency" points={points} lines={LATENCY} unit="ms" />
            <HistoryChart title="Errors in the window" points={points} lines={ERRORS} unit="" />
          </SimpleGrid>
          <Section title="Endpoints">
            <Endpoints endpoints={told.endpoints} />
          </Section>
          <Section title="Deployments">
            <Deployments deployed={told.deployments} />
          </Section>
          <Section title="Tools">
            <Tools tools={told.tools} />
          </Section>
          <Section title="Language models">
            <ModelUse models={told.language_models} />
          </Section>
          {onHistory?.(points)}
        </Stack>
      )}
    </Loaded>
  );
}

function Section({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section aria-label={title}>
      <Title order={2} size="h4" mb="xs">
        {title}
      </Title>
      {children}
    </section>
  );
}

function Tiles({ told: { requests, now } }: { told: MetricsSummary }) {
  const share = requests.server_error_share;
  const tiles: [string, string][] = [
    ["Requests", figure(requests.total)],
    ["A second", figure(requests.per_second)],
    ["p95", ms(requests.latency?.p95_ms)],
    ["Failures (5xx)", share === null || share === undefined ? "—" : `${figure(share * 100)} %`],
    ["Refused by limits", figure(requests.rate_limited)],
    ["Open WebSockets", figure(now.active_websockets)],
  ];
  return (
    <SimpleGrid component="dl" m={0} cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm">
      {tiles.map(([label, value]) => (
        <Paper key={label} withBorder p="sm">
          <Text component="dt" size="xs" c="dimmed">
            {label}
          </Text>
          <Text component="dd" m={0} size="xl" fw={700}>
            {value}
          </Text>
        </Paper>
      ))}
    </SimpleGrid>
  );
}

function ms(value: number | null | undefined): string {
  return value === null || value === undefined ? "—" : duration(value / 1_000);
}
