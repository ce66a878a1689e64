/** What each of the council says, beside each other; where they don't agree, and what nobody looked at. */
import { Alert, Badge, Card, Group, List, SimpleGrid, Stack, Text } from "@mantine/core";
import type { AgentSummary, CouncilReport } from "@/lib/api/schema";
import { count } from "@/lib/format";
import { seatName } from "../Findings";
import { StateBadge } from "../StateBadge";

const LOOKS_AT: Record<string, string> = {
  architect: "How it is built and what the plan does to what runs",
  secops: "Exposure, secrets, identity and every mandatory rule",
  finops: "What it costs, and what nobody uses",
};

export function Verdicts({ report }: { report: CouncilReport }) {
  const {
    agents = [],
    disagreements = [],
    unexamined = [],
    unsaid = 0,
    waived = 0,
    self_waived = 0,
  } = report;
  return (
    <Stack gap="sm">
      <Group gap="xs">
        <Text fw={600}>Together:</Text>
        <StateBadge state={report.verdict} />
        {report.shut && (
          <Badge color="red" variant="filled">
            can&apos;t be approved
          </Badge>
        )}
      </Group>
      <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
        {agents.map((summary) => (
          <Seat key={summary.agent} summary={summary} />
        ))}
      </SimpleGrid>
      {disagreements.length > 0 && <Told title="They don't agree" color="orange" lines={disagreements} />}
      {unexamined.length > 0 && <Told title="Not examined" color="yellow" lines={unexamined} />}
      {(unsaid > 0 || waived > 0) && (
        <Text size="sm" c="dimmed">
          {[
            unsaid > 0 &&
              `${count(unsaid, "place")} could not be judged, because the blueprint says nothing there.`,
            waived > 0 && `${count(waived, "broken rule is waived", "broken rules are waived")}.`,
            self_waived > 0 &&
              `${count(self_waived, "of them is", "of them are")} waived only by the blueprint's own text: look at that.`,
          ]
            .filter(Boolean)
            .join(" ")}
        </Text>
      )}
    </Stack>
  );
}

function Told({ title, color, lines }: { title: string; color: string; lines: readonly string[] }) {
  return (
    <Alert role="note" title={title} color={color} className="wrap-anywhere">
      <List size="sm">
        {lines.map((line) => (
          <List.Item key={line}>{line}</List.Item>
        ))}
      </List>
    </Alert>
  );
}

function Seat({ summary }: { summary: AgentSummary }) {
  const { agent, verdict, findings, prose = [], model, silence } = summary;
  return (
    <Card withBorder padding="sm" component="section" aria-label={seatName(agent)}>
      <Stack gap={6}>
        <Group justify="space-between" gap="xs">
          <Text fw={600}>{seatName(agent)}</Text>
          <StateBadge state={verdict} />
        </Group>
        <Text size="xs" c="dimmed">
          {LOOKS_AT[agent]}
        </Text>
        <Text size="sm">{findings === 0 ? "Found nothing" : count(findings, "finding")}</Text>
        {prose.map(({ text, opinion }) => (
          <Text key={text} size="sm" className="wrap-anywhere">
            {text}{" "}
            {opinion && (
              <Badge size="xs" color="gray" variant="light" autoContrast>
                opinion
              </Badge>
            )}
          </Text>
        ))}
        {silence && (
          <Text size="xs" c="dimmed">
            No words of a model: {silence}
          </Text>
        )}
        {model && (
          <Text size="xs" c="dimmed">
            Words by {model}
          </Text>
        )}
      </Stack>
    </Card>
  );
}
