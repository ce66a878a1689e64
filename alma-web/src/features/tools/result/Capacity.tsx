/** What a load needs, what there is, and until when that is enough. */
import { Alert, Group, Paper, Progress, SimpleGrid, Stack, Text } from "@mantine/core";
import { type Answer, numberIn, recordIn, recordsIn, textIn, textsIn } from "@/lib/answer";
import { figure, words } from "@/lib/format";
import { Lead, tile } from "./Lead";
import { Section } from "./Section";

export function CapacityView({ answer }: { answer: Answer }) {
  const needed = recordIn(answer, "needed");
  const runways = recordsIn(answer, "resources");
  const missing = textsIn(answer, "missing");
  return (
    <Stack gap="lg">
      <Lead
        tiles={[
          tile(
            "At the busiest time",
            numberIn(answer, "requests_per_second"),
            (value) => `${figure(value)}/s`,
            "requests",
          ),
          tile("Servers", numberIn(needed, "app_servers"), figure, each(needed, "app")),
          numberIn(needed, "database_cpu") === null
            ? null
            : { label: "Database", value: each(needed, "database") },
          tile("Enough for", numberIn(answer, "enough_for_days"), (value) => `${figure(value)} days`),
        ]}
      />
      {typeof answer.enough === "boolean" && (
        <Alert
          color={answer.enough ? "green" : "red"}
          title={answer.enough ? "The blueprint carries this load" : "The blueprint does not carry this load"}
        >
          {missing.join("; ")}
        </Alert>
      )}
      {runways.length > 0 && (
        <Section title={`In ${textIn(answer, "time_horizon")}`}>
          <SimpleGrid cols={{ base: 1, md: 2 }}>
            {runways.map((runway) => (
              <Runway key={textIn(runway, "resource")} runway={runway} />
            ))}
          </SimpleGrid>
        </Section>
      )}
    </Stack>
  );
}

function each(needed: Answer, part: string): string {
  const cpu = numberIn(needed, `${part}_cpu`);
  return cpu === null ? "" : `${figure(cpu)} CPU, ${textIn(needed, `${part}_memory`)}`;
}

function percent(value: number | null): string {
  return value === null ? "—" : `${figure(value * 100)} %`;
}

/** In use now, what comes to it until the horizon, and the limit as a line. */
function Runway({ runway }: { runway: Answer }) {
  const use = numberIn(runway, "use") ?? 0;
  const limit = numberIn(runway, "limit");
  const horizon = numberIn(runway, "at_horizon");
  const days = numberIn(runway, "limit_in_days");
  const most = Math.max(1, horizon ?? 0);
  const over = limit !== null && (horizon ?? use) > limit;
  return (
    <Paper withBorder p="sm" className="wrap-anywhere">
      <Group justify="space-between" mb={4}>
        <Text fw={600}>{words(textIn(runway, "resource"))}</Text>
        <Text size="sm" c={over ? "red" : "dimmed"}>
          {days === null ? "limit not reached" : `at its limit in ${figure(days)} days`}
        </Text>
      </Group>
      <div style={{ position: "relative" }} aria-hidden>
        <Progress.Root size="xl">
          <Progress.Section value={(use / most) * 100} />
          <Progress.Section
            value={(Math.max(0, (horizon ?? use) - use) / most) * 100}
            color={over ? "red.4" : "alma.3"}
          />
        </Progress.Root>
        {limit !== null && (
          <div
            style={{
              position: "absolute",
              insetBlock: -3,
              left: `${(limit / most) * 100}%`,
              borderLeft: "2px solid var(--mantine-color-text)",
            }}
          />
        )}
      </div>
      <Text size="sm" mt={6}>
        {percent(use)} now, {percent(horizon)} at the horizon; the limit is {percent(limit)}
      </Text>
      <Text size="sm" c="dimmed">
        {textIn(runway, "add")}
      </Text>
    </Paper>
  );
}
