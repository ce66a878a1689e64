/** A deployment as it goes, in a few lines: how far it is, what it does, how it ended. */
import { Group, Progress, Skeleton, Stack, Text } from "@mantine/core";
import { useEffect } from "react";
import { Link } from "@/components/Link";
import { ProblemAlert } from "@/components/states";
import { StateBadge } from "@/components/StateBadge";
import { $api } from "@/lib/api/client";
import { changed, every } from "@/lib/api/queries";
import type { DeploymentView } from "@/lib/api/schema";
import { useDeploymentLog } from "@/lib/live";
import classes from "./conversation.module.css";

const SECONDS = 5;
const LINES = 3;

/** What is recorded of a run, asked again whenever its log grows. */
export function useRun(id: string | null) {
  const log = useDeploymentLog(id);
  const query = $api.useQuery(
    "get",
    "/api/v1/deployments/{deployment_id}",
    { params: { path: { deployment_id: id ?? "" } } },
    {
      enabled: id !== null,
      refetchInterval: ({ state }) => (isOver(state.data) ? false : every(SECONDS)({ state })),
    },
  );
  const { refetch } = query;
  const last = log.at(-1);
  useEffect(() => {
    if (last === undefined) return;
    void refetch();
    if (last.type === "complete") {
      changed("/api/v1/iprs", "/api/v1/stacks", "/api/v1/deployments", "/api/v1/conversation");
    }
  }, [last, refetch]);
  return { query, log };
}

export function isOver(run: DeploymentView | undefined): boolean {
  return run !== undefined && run.finished_at !== null;
}

export function Run({ id }: { id: string }) {
  const { query, log } = useRun(id);
  const { data: run } = query;
  if (run === undefined) {
    return query.isPending ? (
      <Skeleton height={48} />
    ) : (
      <ProblemAlert problem={query.error} onRetry={() => void query.refetch()} />
    );
  }
  const done = run.steps.filter(({ state }) => state === "succeeded").length;
  return (
    <Stack gap={6}>
      <Group gap="xs">
        <StateBadge state={run.status} />
        <Text size="sm">
          {done} of {run.steps.length} steps on {run.engine}
        </Text>
        <Link to={`/deployments/${id}`} size="sm">
          {isOver(run) ? "Look at the deployment" : "Watch the deployment"}
        </Link>
      </Group>
      {!isOver(run) && (
        <Progress
          value={run.steps.length === 0 ? 0 : (done / run.steps.length) * 100}
          animated
          aria-label={`${done} of ${run.steps.length} steps done`}
        />
      )}
      {typeof run.error?.message === "string" && (
        <Text size="sm" className={classes.words}>
          {run.error.message}
        </Text>
      )}
      {!isOver(run) && (
        <div role="log" aria-label="What it does">
          {log.slice(-LINES).map(({ seq, message }) => (
            <div key={seq} className={classes.logline} title={message}>
              {message}
            </div>
          ))}
        </div>
      )}
      <Endpoints endpoints={run.endpoints} />
    </Stack>
  );
}

function Endpoints({ endpoints }: { endpoints: Record<string, string[]> }) {
  const found = Object.entries(endpoints).filter(([, addresses]) => addresses.length > 0);
  if (found.length === 0) return null;
  return (
    <Text size="sm" className="wrap-anywhere">
      Reached at {found.map(([name, addresses]) => `${name}: ${addresses.join(", ")}`).join("; ")}
    </Text>
  );
}
