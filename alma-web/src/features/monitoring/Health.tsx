/** Whether each part works, as it says itself. */
import { Group, Paper, SimpleGrid, Spoiler, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Loaded } from "@/components/states";
import { StateBadge } from "@/components/StateBadge";
import { asCaller } from "@/lib/api/client";
import { problemOf } from "@/lib/api/problem";
import { every } from "@/lib/api/queries";
import type { ComponentHealth, HealthReport } from "@/lib/api/schema";
import { figure, shown, words } from "@/lib/format";

const PATH = "/api/v1/monitoring/health/detailed";

/** 503 is an answer here: it says which part is down. */
async function report(): Promise<HealthReport> {
  const response = await asCaller(new URL(PATH, window.location.origin));
  const body: unknown = await response.json().catch(() => null);
  if (typeof body === "object" && body !== null && "components" in body) return body as HealthReport;
  throw problemOf(response, body);
}

export function Health() {
  const health = useQuery({ queryKey: ["get", PATH], queryFn: report, refetchInterval: every(15) });
  return (
    <section aria-label="Health">
      <Title order={2} size="h4" mb="xs">
        Health
      </Title>
      <Loaded query={health}>
        {({ status, version, components }) => (
          <Stack gap="sm">
            <Group gap="sm">
              <StateBadge state={status} />
              <Text size="sm">{TOLD[status]}</Text>
              {version !== "" && (
                <Text size="sm" c="dimmed">
                  ALMA {version}
                </Text>
              )}
            </Group>
            <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
              {Object.entries(components).map(([name, part]) => (
                <Part key={name} name={name} part={part} />
              ))}
            </SimpleGrid>
          </Stack>
        )}
      </Loaded>
    </section>
  );
}

const TOLD: Record<HealthReport["status"], string> = {
  healthy: "Alive, and ready for requests.",
  degraded: "Ready for requests. Something that is not needed for them is down.",
  unhealthy: "Something that is needed is down: requests should go elsewhere.",
};

function Part({ name, part }: { name: string; part: ComponentHealth }) {
  const facts = Object.entries(part.facts ?? {}).filter(([, value]) => isTold(value));
  return (
    <Paper withBorder p="sm" className="wrap-anywhere" role="group" aria-label={titleOf(name)}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Text fw={600}>{titleOf(name)}</Text>
        <StateBadge state={part.status} />
      </Group>
      <Text size="sm">{part.detail}</Text>
      <Spoiler maxHeight={38} showLabel="All of it" hideLabel="Less" fz="xs">
        <Text size="xs" c="dimmed">
          {[
            `asked in ${figure(part.latency_ms)} ms`,
            ...facts.map(
              ([key, value]) => `${words(key)} ${Array.isArray(value) ? value.join("; ") : shown(value)}`,
            ),
          ].join(" · ")}
        </Text>
      </Spoiler>
    </Paper>
  );
}

function titleOf(name: string): string {
  const text = words(name).replace(/^engine:/, "Engine ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function isTold(value: unknown): boolean {
  return value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);
}
