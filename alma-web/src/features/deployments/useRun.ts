/** One deployment, live: as it was read last, and its log as it grows. */
import { useThrottledCallback } from "@mantine/hooks";
import { useEffect, useMemo } from "react";
import type { DeploymentState, DeploymentView } from "@/lib/api/schema";
import { $api } from "@/lib/api/client";
import { every } from "@/lib/api/queries";
import { useDeploymentLog, type Line } from "@/lib/live";
import { isEnded, progressOf, stateOf, type Progress } from "./run";

export interface Run {
  read: DeploymentView;
  state: DeploymentState;
  ended: boolean;
  progress: Progress[];
  lines: Line[];
}

/** Beside the log, so that a lost connection is no standstill. */
const LOOK_AGAIN = every(5);

export function useRun(id: string) {
  const query = $api.useQuery(
    "get",
    "/api/v1/deployments/{deployment_id}",
    { params: { path: { deployment_id: id } } },
    {
      refetchInterval: (asked) =>
        asked.state.data !== undefined && isEnded(asked.state.data.status) ? false : LOOK_AGAIN(asked),
    },
  );
  const lines = useDeploymentLog(id);
  const { refetch } = query;
  const look = useThrottledCallback(() => void refetch(), 800);
  // What engines say changes no step.
  const steps = useMemo(() => lines.reduce((sum, { type }) => sum + Number(type !== "log"), 0), [lines]);
  useEffect(() => {
    if (steps > 0) look();
  }, [steps, look]);
  const read = query.data;
  const run = useMemo<Run | undefined>(() => {
    if (read === undefined) return undefined;
    const state = stateOf(read, lines);
    return { read, state, ended: isEnded(state), progress: progressOf(read, lines), lines };
  }, [read, lines]);
  return { ...query, data: run };
}
