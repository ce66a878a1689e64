import { Code, Group, Paper, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Empty, Loaded } from "@/components/states";
import { StateBadge } from "@/components/StateBadge";
import { $api } from "@/lib/api/client";
import type { ComponentHealth } from "@/lib/api/schema";
import { count, duration, money } from "@/lib/format";
import { useMay } from "@/lib/permissions";
import { Chain } from "./Chain";
import { healthReport } from "./healthReport";

export default function ModelsSection() {
  const query = $api.useQuery("get", "/api/v1/models");
  const measured = useMay("metrics:read");
  return (
    <Stack>
      <Loaded query={query}>
        {(inUse) =>
          inUse.chain === null ? (
            <None />
          ) : (
            <>
              <Chain inUse={inUse} chain={inUse.chain} />
              <Standing />
            </>
          )
        }
      </Loaded>
      {measured && <Used />}
      <Text size="sm" c="dimmed">
        Models are named in the server&apos;s environment and in <Code>config/models.yaml</Code>, keys
        included, and not changed here. A model never decides what is done: what it proposes is checked like
        everything else.
      </Text>
    </Stack>
  );
}

function None() {
  return (
    <Empty title="No model is set up, and none is needed">
      ALMA reads English by itself. With a model it understands more, in more languages: start the server with{" "}
      <code>ALMA_LLM_PROVIDER</code> and <code>ALMA_LLM_MODEL</code>.
    </Empty>
  );
}

/** Whether the installation's models can be reached; a project's own are not tried. */
function Standing() {
  const query = useQuery({
    queryKey: ["get", "/api/v1/monitoring/health/detailed", "models"],
    queryFn: healthReport,
  });
  return (
    <Loaded query={query}>
      {({ components: { language_model: model } }) => model !== undefined && <Model model={model} />}
    </Loaded>
  );
}

function Model({ model: { status, detail, latency_ms, facts } }: { model: ComponentHealth }) {
  const name = facts?.model;
  return (
    <Paper withBorder p="md" component="section" aria-label="Whether it answers">
      <Group gap="xs">
        <Title order={2} size="h4" className="wrap-anywhere">
          {typeof name === "string" ? name : "A model"}
        </Title>
        <StateBadge
          state={status === "healthy" ? "answers" : "does not answer"}
          color={status === "healthy" ? "green" : "yellow"}
        />
      </Group>
      <Text size="sm" className="wrap-anywhere">
        {detail}
      </Text>
      <Text size="sm" c="dimmed">
        Asked just now, in {duration(latency_ms / 1_000)}.
        {status !== "healthy" && " Meanwhile conversations are answered without a model."}
      </Text>
    </Paper>
  );
}

/** Of the last minutes, by model: fallbacks that were asked show up here. */
function Used() {
  const query = $api.useQuery("get", "/api/v1/monitoring/metrics/summary");
  return (
    <Loaded query={query}>
      {({ language_models: models, window }) => {
        const names = [
          ...new Set([
            ...Object.keys(models.tokens_consumed ?? {}),
            ...Object.keys(models.tokens_generated ?? {}),
            ...Object.keys(models.cost_dollars ?? {}),
          ]),
        ].sort();
        if (names.length === 0) return null;
        return (
          <section aria-label="What was used">
            <Title order={2} size="h4">
              In the last {duration(window.seconds)}
            </Title>
            <Text size="sm" c="dimmed">
              {count(models.requests ?? 0, "question")}
            </Text>
            <Table aria-label="Tokens by model">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Model</Table.Th>
                  <Table.Th ta="right">Tokens read</Table.Th>
                  <Table.Th ta="right">Tokens written</Table.Th>
                  <Table.Th ta="right">Cost</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {names.map((name) => (
                  <Table.Tr key={name}>
                    <Table.Td className="wrap-anywhere">{name}</Table.Td>
                    <Table.Td ta="right">{models.tokens_consumed?.[name] ?? "—"}</Table.Td>
                    <Table.Td ta="right">{models.tokens_generated?.[name] ?? "—"}</Table.Td>
                    <Table.Td ta="right">{costOf(models.cost_dollars?.[name])}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </section>
        );
      }}
    </Loaded>
  );
}

function costOf(dollars: number | undefined): string {
  return dollars === undefined ? "—" : money(dollars);
}
