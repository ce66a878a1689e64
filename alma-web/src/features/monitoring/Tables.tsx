import { Group, Stack, Text } from "@mantine/core";
import { type Column, Listing } from "@/components/Listing";
import { StateBadge } from "@/components/StateBadge";
import type { MetricsSummary, Timing } from "@/lib/api/schema";
import { count, duration, figure, money, words } from "@/lib/format";

function took(value: number | null | undefined): string {
  return value === null || value === undefined ? "—" : duration(value / 1_000);
}

function timing<T>(of: (item: T) => Timing | undefined): Column<T>[] {
  return [
    { title: "Median", right: true, cell: (item) => took(of(item)?.p50_ms) },
    { title: "p95", right: true, cell: (item) => took(of(item)?.p95_ms) },
    { title: "p99", right: true, cell: (item) => took(of(item)?.p99_ms) },
  ];
}

type Endpoints = MetricsSummary["endpoints"];

/** The server counts what no route is for under one name. */
function nameOf(endpoint: string): string {
  return endpoint === "unmatched" ? "files of this dashboard, and addresses that are not there" : endpoint;
}

/** The server tells of its busiest; of these, the slowest stands first. */
export function Endpoints({ endpoints }: { endpoints: Endpoints }) {
  if (endpoints.length === 0) return <None>No request in the window.</None>;
  const slowest = [...endpoints].sort((a, b) => (b.latency.p95_ms ?? 0) - (a.latency.p95_ms ?? 0));
  return (
    <>
      <Text size="sm" c="dimmed">
        The {endpoints.length} busiest, the slowest of them first. Percentiles are estimated from histograms.
      </Text>
      <Listing
        label="Endpoints"
        items={slowest}
        keyOf={({ method, endpoint }) => `${method} ${endpoint}`}
        columns={[
          { title: "Endpoint", cell: ({ method, endpoint }) => `${method} ${nameOf(endpoint)}` },
          { title: "Requests", right: true, cell: ({ requests }) => figure(requests) },
          { title: "Errors", right: true, cell: ({ errors }) => figure(errors) },
          ...timing(({ latency }: Endpoints[number]) => latency),
        ]}
      />
    </>
  );
}

export function Tools({ tools }: { tools: MetricsSummary["tools"] }) {
  if (tools.length === 0) return <None>No tool was used in the window.</None>;
  return (
    <Listing
      label="Use of tools"
      items={tools}
      keyOf={({ tool }) => tool}
      columns={[
        { title: "Tool", cell: ({ tool }) => words(tool) },
        { title: "Uses", right: true, cell: ({ executions }) => figure(executions) },
        { title: "Failed", right: true, cell: ({ failed }) => figure(failed) },
        ...timing(({ duration: time }: MetricsSummary["tools"][number]) => time),
      ]}
    />
  );
}

export function Deployments({ deployed }: { deployed: MetricsSummary["deployments"] }) {
  const ended = Object.entries(deployed.ended ?? {});
  const queued = deployed.queued ?? 0;
  if (queued === 0 && ended.length === 0) return <None>No deployment in the window.</None>;
  return (
    <Stack gap={6}>
      <Text size="sm">
        {count(queued, "deployment")} queued. From being queued to the end: median{" "}
        {took(deployed.duration?.p50_ms)}, p95 {took(deployed.duration?.p95_ms)}.
      </Text>
      {ended.map(([engine, states]) => (
        <Group key={engine} gap="sm">
          <Text size="sm">{engine}</Text>
          {Object.entries(states).map(([state, number]) => (
            <Group key={state} gap={4}>
              <StateBadge state={state} />
              <Text size="sm">{number}</Text>
            </Group>
          ))}
        </Group>
      ))}
    </Stack>
  );
}

export function ModelUse({ models }: { models: MetricsSummary["language_models"] }) {
  const {
    requests = 0,
    by_status = {},
    tokens_consumed = {},
    tokens_generated = {},
    cost_dollars = {},
  } = models;
  if (requests === 0) return <None>No language model was asked in the window: ALMA works without one.</None>;
  const names = [
    ...new Set([
      ...Object.keys(tokens_consumed),
      ...Object.keys(tokens_generated),
      ...Object.keys(cost_dollars),
    ]),
  ];
  const statuses = Object.entries(by_status).map(([status, number]) => `${number} ${words(status)}`);
  return (
    <Stack gap={6}>
      <Text size="sm">
        {count(requests, "question")}: {statuses.join(", ")}. Median {took(models.duration?.p50_ms)}, p95{" "}
        {took(models.duration?.p95_ms)}.
      </Text>
      <Listing
        label="Language models"
        items={names}
        keyOf={(name) => name}
        columns={[
          { title: "Model", cell: (name) => name },
          { title: "Tokens read", right: true, cell: (name) => figure(tokens_consumed[name]) },
          { title: "Tokens written", right: true, cell: (name) => figure(tokens_generated[name]) },
          {
            title: "Cost",
            right: true,
            cell: (name) => (cost_dollars[name] === undefined ? "no price set" : money(cost_dollars[name])),
          },
        ]}
      />
    </Stack>
  );
}

function None({ children }: { children: React.ReactNode }) {
  return (
    <Text size="sm" c="dimmed">
      {children}
    </Text>
  );
}
