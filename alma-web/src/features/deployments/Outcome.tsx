/** How a run ended, why, and what to do next. */
import { Alert, Code, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconPlayerStop } from "@tabler/icons-react";
import { Link } from "@/components/Link";
import type { DeploymentView } from "@/lib/api/schema";
import type { Run } from "./useRun";

interface Ending {
  title: string;
  color: string;
  next: string;
}

function endingOf({ read, state }: Run): Ending | null {
  const removes = read.kind === "destroy";
  switch (state) {
    case "succeeded":
      return {
        title: removes ? "The stack was removed" : "Everything runs as it was approved",
        color: "green",
        next: removes ? "Volumes are left unless the request named them." : "Nothing is left to do.",
      };
    case "rolled_back":
      return {
        title: "It failed, and what it had done was undone",
        color: "orange",
        next: "Mend what stood in the way, then retry: the same approved plan runs again. If something else changed meanwhile, plan the request again first.",
      };
    case "failed":
      return {
        title: "It failed",
        color: "red",
        next:
          read.on_failure === "keep"
            ? "What was made stays, as it was asked for. Mend what stood in the way, then retry: what is there already is not made twice."
            : "Not everything could be undone: look at the steps below and at the stack. Retrying finds what is there and makes nothing twice.",
      };
    case "cancelled":
      return {
        title: "It was cancelled",
        color: "gray",
        next:
          read.on_failure === "keep"
            ? "What was made until then stays. A cancelled request is over: open a new one to go on."
            : "What it had made was undone. A cancelled request is over: open a new one to try again.",
      };
    default:
      return null;
  }
}

const ICONS: Record<string, typeof IconCheck> = { green: IconCheck, gray: IconPlayerStop };

export function Outcome({ run }: { run: Run }) {
  const ending = endingOf(run);
  if (ending === null) return <Going run={run} />;
  const Icon = ICONS[ending.color] ?? IconAlertTriangle;
  const error = failureOf(run.read.error);
  const undo = failureOf(error?.rollback);
  return (
    <Alert color={ending.color} icon={<Icon />} title={ending.title} className="wrap-anywhere" role="status">
      <Stack gap={6} align="flex-start">
        {error !== null && (
          <Text size="sm">
            {error.address !== null && <b>{error.address}: </b>}
            {error.message}
          </Text>
        )}
        {error?.hint && <Text size="sm">What helps: {error.hint}</Text>}
        {undo !== null && (
          <Text size="sm">
            Undoing failed, too: {undo.message} {undo.hint}
          </Text>
        )}
        {error !== null && error.code !== "cancelled" && <Code>{error.code}</Code>}
        <Text size="sm">
          {ending.next}{" "}
          <Link to={`/infrastructure/${run.read.stack_id}`} underline="always">
            See what runs
          </Link>
        </Text>
      </Stack>
    </Alert>
  );
}

function Going({ run: { read, state } }: { run: Run }) {
  if (!read.cancel_requested) return null;
  return (
    <Alert color="orange" icon={<IconPlayerStop />} title="It stops at the next step" role="status">
      {state === "rolling_back"
        ? "What it made is being undone."
        : read.on_failure === "keep"
          ? "What is under way is finished first. What was made stays."
          : "What is under way is finished first; then what was made is undone."}
    </Alert>
  );
}

interface Failure {
  code: string;
  message: string;
  hint: string;
  address: string | null;
  rollback: unknown;
}

/** The failure as it was written down: a mapping of whatever the server knew. */
export function failureOf(error: unknown): Failure | null {
  if (typeof error !== "object" || error === null) return null;
  const facts = error as Partial<DeploymentView["error"]> & Record<string, unknown>;
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  return {
    code: text(facts.code),
    message: text(facts.message),
    hint: text(facts.hint),
    address: text(facts.address) || null,
    rollback: facts.rollback,
  };
}
