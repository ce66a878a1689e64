/** What words came to: an answer, several in a row, or a question back. */
import { Accordion, Alert, Group, Stack, Text } from "@mantine/core";
import { IconQuestionMark } from "@tabler/icons-react";
import { Link } from "@/components/Link";
import { recordsIn, textIn } from "@/lib/answer";
import type { Execution, ToolView } from "@/lib/api/schema";
import { count, words } from "@/lib/format";
import { ResultView } from "./result/ResultView";

interface OutcomeProps {
  execution: Execution;
  tools: readonly ToolView[];
  given: Record<string, unknown>;
}

export function Outcome({ execution, tools, given }: OutcomeProps) {
  const { success, result, steps = [], tool, error } = execution;
  if (!success || result === null) {
    return <Question told={error ?? "It is not clear what is meant."} result={result ?? {}} />;
  }
  const title = (name: string) => tools.find((one) => one.name === name)?.title ?? words(name);
  if (steps.length < 2) {
    return (
      <Stack gap="xs">
        <Text size="sm" c="dimmed">
          {tool === null ? "" : <>Answered by {<Link to={`/tools/${tool}`}>{title(tool)}</Link>}</>}
        </Text>
        <ResultView tool={tool ?? ""} answer={result} given={given} />
      </Stack>
    );
  }
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        {count(steps.length, "step")}, one after the other
      </Text>
      <Accordion
        variant="separated"
        multiple
        defaultValue={[String(steps.length - 1)]}
        chevronPosition="left"
      >
        {steps.map((step, index) => (
          <Accordion.Item key={index} value={String(index)}>
            <Accordion.Control>
              <Text fw={600}>
                {index + 1}. {title(step.tool)}
              </Text>
              <Text size="sm" c="dimmed" lineClamp={2}>
                {textIn(step.result, "summary")}
              </Text>
            </Accordion.Control>
            <Accordion.Panel>
              <ResultView tool={step.tool} answer={step.result} given={step.arguments} />
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
    </Stack>
  );
}

function Question({ told, result }: { told: string; result: Record<string, unknown> }) {
  const candidates = recordsIn(result, "candidates");
  return (
    <Alert color="blue" icon={<IconQuestionMark />} title={told} role="status">
      {candidates.length === 0 ? null : (
        <Stack gap={6}>
          <Text size="sm">Say it in other words, or choose a tool:</Text>
          <Group gap="md">
            {candidates.map((candidate) => (
              <Link key={textIn(candidate, "tool")} to={`/tools/${textIn(candidate, "tool")}`} size="sm">
                {textIn(candidate, "title")}
              </Link>
            ))}
          </Group>
        </Stack>
      )}
    </Alert>
  );
}
