/** What of all that is recorded needs to be seen first. */
import type { DeploymentSummary, StackSummary } from "@/lib/api/schema";

const WENT_WRONG = new Set<DeploymentSummary["status"]>(["failed", "rolled_back", "cancelled"]);

export interface Summed {
  /** Not over yet. */
  going: DeploymentSummary[];
  /** The last run of a stack that is still there, where it did not succeed: somebody has to look. */
  needing: DeploymentSummary[];
}

/** `runs` come newest first. */
export function summed(
  runs: readonly DeploymentSummary[],
  stacks: readonly Pick<StackSummary, "id">[],
): Summed {
  const going = runs.filter(({ finished_at }) => finished_at === null);
  const there = new Set(stacks.map(({ id }) => id));
  const seen = new Set<string>();
  const needing = runs.filter(({ stack_id, status }) => {
    if (!there.has(stack_id) || seen.has(stack_id)) return false;
    seen.add(stack_id);
    return WENT_WRONG.has(status);
  });
  return { going, needing };
}
