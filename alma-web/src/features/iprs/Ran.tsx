/** What became of it: the deployment, and the end of its log. */
import { Code, Group, Stack, Text } from "@mantine/core";
import { Link } from "@/components/Link";
import { StateBadge } from "@/components/StateBadge";
import { ProblemAlert } from "@/components/states";
import { Problem } from "@/lib/api/problem";
import type { IprView } from "@/lib/api/schema";
import { Section } from "./Section";

const LINES = 12;

function textIn(error: Record<string, unknown>, key: string): string | null {
  const value = error[key];
  return typeof value === "string" ? value : null;
}

export function Ran({ ipr }: { ipr: IprView }) {
  const { deployment, log = [] } = ipr;
  if (!deployment) return null;
  const { id, status, endpoints, error, started_by } = deployment;
  const reached = Object.entries(endpoints).flatMap(([name, places]) =>
    places.map((place) => `${name}: ${place}`),
  );
  return (
    <Section title="Deployment" beside={<Link to={`/deployments/${id}`}>Watch it, with all of its log</Link>}>
      <Group gap="xs">
        <StateBadge state={status} />
        <Text size="sm">started by {started_by}</Text>
      </Group>
      {error && (
        <ProblemAlert
          problem={
            new Problem(textIn(error, "message") ?? "It failed", { hint: textIn(error, "hint"), status: 409 })
          }
        />
      )}
      {reached.length > 0 && (
        <Text size="sm" className="wrap-anywhere">
          Reached at {reached.slice(0, LINES).join(", ")}
        </Text>
      )}
      {log.length > 0 && (
        <Stack gap={0} role="log" aria-label="The end of its log" tabIndex={0}>
          {log.slice(-LINES).map(({ seq, time, message }) => (
            <Code key={seq} bg="transparent" className="wrap-anywhere">
              {time.slice(11, 19)} {message}
            </Code>
          ))}
        </Stack>
      )}
    </Section>
  );
}
