/** What is going on right now, in one line: runs, stacks and requests that need somebody. */
import { Group, Loader, Paper, Text } from "@mantine/core";
import { IconAlertTriangle, IconGitPullRequest, IconServer } from "@tabler/icons-react";
import { useCallback, useState, type ReactNode } from "react";
import { Link } from "@/components/Link";
import { $api } from "@/lib/api/client";
import { changed, every } from "@/lib/api/queries";
import type { DeploymentSummary } from "@/lib/api/schema";
import { count, words } from "@/lib/format";
import { useActivity, type Line } from "@/lib/live";
import { useMay } from "@/lib/permissions";
import { asProblem } from "@/lib/api/problem";
import { summed } from "./going";
import classes from "./conversation.module.css";

const SECONDS = 30;
const MOST = 100;
const SHOWN = 2;

export function Underway() {
  const mayRuns = useMay("deployment:read");
  const mayStacks = useMay("stack:read");
  const mayRequests = useMay("ipr:read");
  const refetchInterval = every(SECONDS);
  const runs = $api.useQuery(
    "get",
    "/api/v1/deployments",
    { params: { query: { limit: MOST } } },
    { refetchInterval, enabled: mayRuns },
  );
  const stacks = $api.useQuery(
    "get",
    "/api/v1/stacks",
    { params: { query: { limit: MOST } } },
    { refetchInterval, enabled: mayStacks },
  );
  const waiting = $api.useQuery(
    "get",
    "/api/v1/iprs",
    { params: { query: { status: "pending", limit: 1 } } },
    { refetchInterval, enabled: mayRequests },
  );
  const said = useLastLines();
  const problem = runs.error ?? stacks.error;
  const { going, needing } = summed(runs.data?.items ?? [], stacks.data?.items ?? []);
  const pending = waiting.data?.total ?? 0;
  const running = stacks.data?.total ?? 0;
  if (!mayRuns && !mayStacks) return null;
  return (
    <Paper withBorder px="sm" py={5} component="section" aria-label="What runs" flex="1 1 240px" miw={0}>
      <Group gap="md" wrap="wrap">
        {problem !== null && (
          <Text size="sm" c="dimmed">
            What runs is not known right now: {asProblem(problem).message}.
          </Text>
        )}
        {going.slice(0, SHOWN).map((run) => (
          <Going key={run.id} run={run} said={said[run.id]} />
        ))}
        {going.length > SHOWN && (
          <Link to="/deployments" size="sm">
            {count(going.length - SHOWN, "more deployment")} under way
          </Link>
        )}
        {needing.slice(0, SHOWN).map((run) => (
          <Item key={run.id} icon={<IconAlertTriangle size={16} className={classes.guess} aria-hidden />}>
            <Link to={`/deployments/${run.id}`} size="sm" className="wrap-anywhere">
              {run.stack}
            </Link>
            <Text size="sm">: {words(run.status)}</Text>
          </Item>
        ))}
        {needing.length > SHOWN && (
          <Link to="/infrastructure" size="sm">
            {count(needing.length - SHOWN, "more stack")} that need somebody
          </Link>
        )}
        {pending > 0 && (
          <Item icon={<IconGitPullRequest size={16} aria-hidden />}>
            <Link to="/iprs" size="sm">
              {count(pending, "request")} to review
            </Link>
          </Item>
        )}
        {mayStacks && stacks.data !== undefined && (
          <Item icon={<IconServer size={16} aria-hidden />}>
            <Link to="/infrastructure" size="sm">
              {running === 0 ? "Nothing is deployed yet" : `${count(running, "stack")} deployed`}
            </Link>
          </Item>
        )}
      </Group>
    </Paper>
  );
}

function Item({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <Group gap={6} wrap="nowrap">
      {icon}
      <Group gap={0} wrap="nowrap">
        {children}
      </Group>
    </Group>
  );
}

function Going({ run, said }: { run: DeploymentSummary; said: string | undefined }) {
  return (
    <Group gap={6} wrap="nowrap" miw={0}>
      <Loader size={14} />
      <Link to={`/deployments/${run.id}`} size="sm" maw={220} truncate>
        {run.stack}
      </Link>
      <Text size="sm" c="dimmed" truncate maw={320} title={said}>
        {said ?? words(run.status)}
      </Text>
    </Group>
  );
}

/** The last that each deployment said, from now on. */
function useLastLines(): Record<string, string> {
  const [lines, setLines] = useState<Record<string, string>>({});
  const listener = useCallback((line: Line) => {
    setLines((before) => ({ ...before, [line.deployment_id]: line.message }));
    if (line.type === "status_change" || line.type === "complete") {
      changed("/api/v1/deployments", "/api/v1/stacks", "/api/v1/iprs");
    }
  }, []);
  useActivity(listener);
  return lines;
}
