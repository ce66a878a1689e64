/** Every run of the project, newest first; what goes on is followed live. */
import { CloseButton, Group, Pill, Stack, Text } from "@mantine/core";
import { Link } from "@/components/Link";
import { Listing, type Column } from "@/components/Listing";
import { Page } from "@/components/Page";
import { StateBadge } from "@/components/StateBadge";
import { StateFilter } from "@/components/StateFilter";
import { Empty, Loaded } from "@/components/states";
import { When } from "@/components/When";
import { $api } from "@/lib/api/client";
import { byCursor, pagesOf } from "@/lib/api/pages";
import type { DeploymentState, DeploymentSummary } from "@/lib/api/schema";
import { oneOf, useChosen } from "@/lib/chosen";
import { useSeldom, useTurns } from "@/lib/news";
import { isEnded, secondsOf, tookWords } from "./run";
import { useNow } from "./useNow";

const STATES: readonly DeploymentState[] = [
  "queued",
  "running",
  "verifying",
  "rolling_back",
  "succeeded",
  "failed",
  "rolled_back",
  "cancelled",
];
const PATH = "/api/v1/deployments";

export default function DeploymentsPage() {
  const chosen = useChosen();
  const status = oneOf(chosen.get("status"), STATES);
  const stack = chosen.get("stack");
  return (
    <Page
      title="Deployments"
      about="Each is one run of one approved plan. What goes on now is followed live."
    >
      <StateFilter states={STATES} value={status} onChange={(state) => chosen.put("status", state)} />
      {stack !== null && (
        <Group gap="xs">
          <Pill size="md">Only one stack</Pill>
          <CloseButton size="sm" aria-label="Show all stacks" onClick={() => chosen.put("stack", null)} />
        </Group>
      )}
      <Runs status={status} stack={stack} />
    </Page>
  );
}

function Runs({ status, stack }: { status: DeploymentState | null; stack: string | null }) {
  useTurns(PATH);
  const query = $api.useInfiniteQuery(
    "get",
    PATH,
    { params: { query: { limit: 50, status: status ?? undefined, stack_id: stack ?? undefined } } },
    { ...byCursor, refetchInterval: useSeldom(15) },
  );
  return (
    <Loaded query={query}>
      {() => {
        const found = pagesOf(query);
        if (found.items.length === 0) return <None filtered={status !== null || stack !== null} />;
        return <Listing label="Deployments" columns={COLUMNS} keyOf={({ id }) => id} {...found} />;
      }}
    </Loaded>
  );
}

function None({ filtered }: { filtered: boolean }) {
  if (filtered) return <Empty title="No deployment is like that">Choose another state to see others.</Empty>;
  return (
    <Empty title="Nothing was deployed yet" action={<Link to="/iprs">See the requests</Link>}>
      A deployment carries out a request that was approved. Open one from a blueprint or a conversation, let
      it be approved, and deploy it: it shows up here while it runs.
    </Empty>
  );
}

const COLUMNS: readonly Column<DeploymentSummary>[] = [
  {
    title: "Stack",
    cell: ({ id, stack, kind, revision, error }) => (
      <Stack gap={2}>
        <Link to={`/deployments/${id}`} fw={600}>
          {stack}
        </Link>
        <Text size="xs" c="dimmed">
          {kind === "destroy" ? "removes it" : `revision ${revision}`}
        </Text>
        {typeof error?.message === "string" && (
          <Text size="xs" c="var(--mantine-color-error)" lineClamp={2}>
            {error.message}
          </Text>
        )}
      </Stack>
    ),
  },
  {
    title: "State",
    cell: ({ status, cancel_requested }) => (
      <Group gap={4}>
        <StateBadge state={status} />
        {cancel_requested && !isEnded(status) && <StateBadge state="stopping" color="orange" />}
      </Group>
    ),
  },
  { title: "Engine", cell: ({ engine }) => engine },
  { title: "Request", cell: ({ ipr_id }) => <Link to={`/iprs/${ipr_id}`}>#{ipr_id}</Link> },
  { title: "Started by", cell: ({ started_by }) => started_by },
  { title: "When", cell: ({ created_at }) => <When at={created_at} /> },
  { title: "Took", cell: (run) => <Took run={run} />, right: true },
];

function Took({ run }: { run: DeploymentSummary }) {
  const now = useNow(!isEnded(run.status));
  const seconds = secondsOf(run.created_at, run.finished_at, now);
  return (
    <Text size="sm" ff="monospace" style={{ whiteSpace: "nowrap" }}>
      {seconds === null ? "" : tookWords(seconds, run.finished_at === null)}
    </Text>
  );
}
