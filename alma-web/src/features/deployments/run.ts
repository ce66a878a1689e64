/**
 * Where a run stands, from what was read of it and from the lines of its log, whichever is further. Pure.
 *
 * The log is ahead while it is live; what was read is ahead after a break. Neither ever takes a step back.
 */
import type {
  AlmaCoreModelDeploymentStep as Step,
  DeploymentState,
  DeploymentView,
  Resource,
} from "@/lib/api/schema";
import { duration } from "@/lib/format";
import type { Line } from "@/lib/live";

export type { Step };
/** `rolling_back`: it is being undone. */
export type StepState = Step["state"] | "rolling_back";
export type Progress = Omit<Step, "state"> & { state: NonNullable<StepState> };

const STEP_RANK: Record<string, number> = {
  pending: 0,
  running: 1,
  succeeded: 2,
  failed: 2,
  unknown: 2,
  skipped: 2,
  rolling_back: 3,
  rolled_back: 4,
};
const RUN_RANK: Record<DeploymentState, number> = {
  queued: 0,
  running: 1,
  verifying: 2,
  rolling_back: 3,
  succeeded: 4,
  failed: 4,
  cancelled: 4,
  rolled_back: 4,
};

export function isEnded(state: DeploymentState): boolean {
  return RUN_RANK[state] === 4;
}

function isRunState(state: unknown): state is DeploymentState {
  return typeof state === "string" && state in RUN_RANK;
}

/** The state of the run as a whole. */
export function stateOf(read: Pick<DeploymentView, "status">, lines: readonly Line[]): DeploymentState {
  const said = lines.findLast(({ type }) => type === "status_change" || type === "complete")?.data?.state;
  return isRunState(said) && RUN_RANK[said] > RUN_RANK[read.status] ? said : read.status;
}

interface Said {
  state: NonNullable<StepState>;
  started_at?: string;
  finished_at?: string | null;
  error?: string;
}

/** What the log says of each step. A line of a check has no state. */
function saidOf(lines: readonly Line[]): Map<string, Said> {
  const said = new Map<string, Said>();
  for (const { type, address, data, time, message } of lines) {
    const state = data?.state;
    if (address === undefined || address === null || typeof state !== "string") continue;
    if (!(state in STEP_RANK)) continue;
    const before = said.get(address);
    if (state === "running") {
      const undoing = data?.undo === true;
      said.set(address, {
        ...before,
        state: undoing ? "rolling_back" : "running",
        started_at: before?.started_at ?? time,
        finished_at: null,
      });
    } else {
      said.set(address, {
        ...before,
        state: state as Said["state"],
        finished_at: time,
        ...(type === "error" ? { error: message } : {}),
      });
    }
  }
  return said;
}

/** Each step as far as anybody has told. After the end, as it was read after the end. */
export function progressOf(
  read: Pick<DeploymentView, "status" | "steps">,
  lines: readonly Line[],
): Progress[] {
  const settled = isEnded(read.status);
  const said = settled ? new Map<string, Said>() : saidOf(lines);
  return read.steps.map((step) => {
    const state = step.state ?? "pending";
    const heard = said.get(step.address);
    if (heard === undefined || (STEP_RANK[heard.state] ?? 0) < (STEP_RANK[state] ?? 0)) {
      return { ...step, state };
    }
    return {
      ...step,
      state: heard.state,
      started_at: step.started_at ?? heard.started_at,
      finished_at: heard.finished_at ?? null,
      error: step.error ?? heard.error,
    };
  });
}

const COLORS: Record<string, string> = {
  pending: "gray",
  running: "blue",
  succeeded: "green",
  failed: "red",
  unknown: "red",
  skipped: "gray",
  rolling_back: "orange",
  rolled_back: "orange",
};

/** The resource of the blueprint that an address is an instance of: `web-2` of `web`. Null: it was not written there. */
export function resourceOf(address: string, resources: readonly Resource[]): string | null {
  if (resources.some(({ name }) => name === address)) return address;
  const [, base, number] = /^(.+)-(\d+)$/.exec(address) ?? [];
  const resource = resources.find(({ name }) => name === base);
  return resource !== undefined && Number(number) <= (resource.count ?? 1) ? resource.name : null;
}

/** What needs to be known first: of several instances, the state of the one that fares worst. */
const URGENT = [
  "failed",
  "unknown",
  "rolling_back",
  "running",
  "pending",
  "rolled_back",
  "skipped",
  "succeeded",
];

export function marksOf(
  resources: readonly Resource[],
  progress: readonly Progress[],
): Record<string, { text: string; color: string }> {
  const states = new Map<string, string[]>();
  for (const { address, state } of progress) {
    const name = resourceOf(address, resources);
    if (name !== null) states.set(name, [...(states.get(name) ?? []), state]);
  }
  return Object.fromEntries(
    [...states].map(([name, all]) => {
      const worst = URGENT.find((state) => all.includes(state)) ?? "pending";
      const alike = all.filter((state) => state === worst).length;
      const words = worst === "succeeded" ? "done" : worst.replaceAll("_", " ");
      const text = all.length > 1 && alike < all.length ? `${alike}/${all.length} ${words}` : words;
      return [name, { text, color: COLORS[worst] ?? "gray" }];
    }),
  );
}

/** Seconds between two moments, up to `now` where it has not ended. Null: it has not begun. */
export function secondsOf(
  from: string | null | undefined,
  to: string | null | undefined,
  now: number,
): number | null {
  if (from === null || from === undefined) return null;
  const end = to === null || to === undefined ? now : Date.parse(to);
  return Math.max(0, (end - Date.parse(from)) / 1_000);
}

/** Whole seconds while it goes on: tenths would flicker. */
export function tookWords(seconds: number, going: boolean): string {
  return going && seconds < 60 ? `${Math.floor(seconds)} s` : duration(seconds);
}

/** Where a step lies within the run, in hundredths. */
export function spanOf(
  step: Pick<Progress, "started_at" | "finished_at">,
  run: { from: number; to: number },
  now: number,
): { left: number; width: number } | null {
  if (step.started_at === null || step.started_at === undefined) return null;
  const whole = Math.max(1, run.to - run.from);
  const begin = Math.min(run.to, Math.max(run.from, Date.parse(step.started_at)));
  const end =
    step.finished_at === null || step.finished_at === undefined ? now : Date.parse(step.finished_at);
  const left = ((begin - run.from) / whole) * 100;
  return { left, width: Math.min(100 - left, Math.max(1, ((end - begin) / whole) * 100)) };
}

/** The number of the first line that is missing in the log; null where all are there. Lines count from 1. */
export function missingLine(lines: readonly Line[]): number | null {
  const index = lines.findIndex(({ seq }, place) => seq !== place + 1);
  return index === -1 ? null : index + 1;
}

/** Only what a browser may open at a click. */
export function isOpenable(endpoint: string): boolean {
  try {
    return ["http:", "https:"].includes(new URL(endpoint).protocol);
  } catch {
    return false;
  }
}
