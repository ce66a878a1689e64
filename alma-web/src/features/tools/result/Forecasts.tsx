/** Each metric's outlook: drawn, with when it gets to its limit, and how good the method was on the past. */
import { Alert, Badge, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { IconClockExclamation } from "@tabler/icons-react";
import { pointsOf } from "@/components/charts/forecast";
import { ForecastChart } from "@/components/charts/ForecastChart";
import { type Answer, numberIn, recordIn, recordsIn, textIn, textsIn } from "@/lib/answer";
import { count, dateTime, figure } from "@/lib/format";
import type { Moment } from "@/lib/series";

export function ForecastsView({ answer, history }: { answer: Answer; history: readonly Moment[] }) {
  return (
    <Stack gap="lg">
      {recordsIn(answer, "forecasts").map((outlook) => (
        <Outlook key={textIn(outlook, "metric")} outlook={outlook} history={history} answer={answer} />
      ))}
    </Stack>
  );
}

function Outlook({
  outlook,
  history,
  answer,
}: {
  outlook: Answer;
  history: readonly Moment[];
  answer: Answer;
}) {
  const metric = textIn(outlook, "metric");
  const crossings = recordsIn(outlook, "crossings");
  const end = recordIn(outlook, "end");
  const test = recordIn(outlook, "back_test");
  const anomalies = recordsIn(outlook, "anomalies");
  const level = numberIn(answer, "confidence_level");
  return (
    <Paper withBorder p="md" component="section" className="wrap-anywhere">
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start">
          <Title order={2} size="h4">
            {metric}
          </Title>
          <Group gap={6}>
            <Badge variant="light" color="gray" autoContrast tt="none">
              {textIn(outlook, "method")}
            </Badge>
            <Badge
              variant="light"
              color={outlook.better_than_naive === true ? "green" : "yellow"}
              autoContrast
              tt="none"
            >
              {outlook.better_than_naive === true
                ? "better than “nothing changes”"
                : "no better than “nothing changes”"}
            </Badge>
          </Group>
        </Group>
        {crossings.map((crossing, index) => (
          <Alert key={index} color="orange" icon={<IconClockExclamation />} p="sm">
            {metric} {textIn(crossing, "told")}.
          </Alert>
        ))}
        <ForecastChart
          metric={metric}
          points={pointsOf(history, outlook)}
          limits={crossings.map((crossing) => ({
            value: numberIn(crossing, "threshold") ?? 0,
            label: textIn(crossing, "why"),
          }))}
        />
        <Text size="sm">
          At the end, {dateTime(textIn(end, "timestamp"))}: <b>{figure(numberIn(end, "value"))}</b>, between{" "}
          {figure(numberIn(end, "lower"))} and {figure(numberIn(end, "upper"))}
          {level === null ? "" : ` with ${figure(level * 100)} % confidence`}. Last measured{" "}
          {figure(numberIn(outlook, "last"))}.
        </Text>
        <Text size="sm" c="dimmed">
          Chosen because {textIn(outlook, "why")}. Of what came in{" "}
          {count(numberIn(test, "tests") ?? 0, "test")} on the past, {share(numberIn(test, "coverage"))} lay
          within the interval.
        </Text>
        {textsIn(outlook, "treatment").map((text) => (
          <Text key={text} size="sm" c="dimmed">
            {text}
          </Text>
        ))}
        {anomalies.length > 0 && (
          <Text size="sm">
            Does not fit:{" "}
            {anomalies
              .slice(0, 5)
              .map(
                (one) =>
                  `${figure(numberIn(one, "value"))} on ${dateTime(textIn(one, "at"))} (usual: ${figure(numberIn(one, "usual"))})`,
              )
              .join("; ")}
            {anomalies.length > 5 ? `; and ${anomalies.length - 5} more` : ""}
          </Text>
        )}
      </Stack>
    </Paper>
  );
}

function share(value: number | null): string {
  return value === null ? "nothing that could be told" : `${figure(value * 100)} %`;
}
