/** Requests, and whose turn it is. */
import { Badge, Code, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { type Column, Listing } from "@/components/Listing";
import { Link } from "@/components/Link";
import { Page } from "@/components/Page";
import { StateBadge } from "@/components/StateBadge";
import { StateFilter } from "@/components/StateFilter";
import { Empty, Loaded } from "@/components/states";
import { When } from "@/components/When";
import { $api } from "@/lib/api/client";
import { byCursor, pagesOf } from "@/lib/api/pages";
import { every } from "@/lib/api/queries";
import type { IprState, IprSummary, Whose } from "@/lib/api/schema";
import { oneOf, useChosen } from "@/lib/chosen";
import { useTurns } from "@/lib/news";
import { useMay } from "@/lib/permissions";

const STATES: readonly IprState[] = [
  "pending",
  "approved",
  "deploying",
  "deployed",
  "failed",
  "rejected",
  "cancelled",
];
const TURNS: readonly Whose[] = ["review", "mine"];
const PAGE = 50;

export default function IPRsPage() {
  const chosen = useChosen();
  const status = oneOf(chosen.get("state"), STATES);
  const turn = oneOf(chosen.get("turn"), TURNS);
  return (
    <Page title="Requests" about="Infrastructure pull requests: only a plan that was approved runs.">
      <Stack gap="xs" align="flex-start">
        <Turns turn={turn} onChange={(whose) => chosen.put("turn", whose)} />
        <StateFilter states={STATES} value={status} onChange={(state) => chosen.put("state", state)} />
      </Stack>
      <Found turn={turn} status={status} />
    </Page>
  );
}

interface Wanted {
  turn: Whose | null;
  status: IprState | null;
}

function Turns({ turn, onChange }: { turn: Whose | null; onChange: (turn: Whose | null) => void }) {
  const reviewer = useMay("ipr:approve");
  return (
    <SegmentedControl
      aria-label="Whose requests"
      value={turn ?? "all"}
      onChange={(value) => onChange(oneOf(value, TURNS))}
      data={[
        { value: "all", label: "All" },
        ...(reviewer ? [{ value: "review", label: "Needs my review" }] : []),
        { value: "mine", label: "Mine" },
      ]}
    />
  );
}

function Found({ turn, status }: Wanted) {
  // Of reviews nobody tells live.
  useTurns("/api/v1/iprs");
  const query = $api.useInfiniteQuery(
    "get",
    "/api/v1/iprs",
    { params: { query: { limit: PAGE, ...(turn && { turn }), ...(status && { status }) } } },
    { ...byCursor, refetchInterval: every(10) },
  );
  return (
    <Loaded query={query}>
      {() => {
        const found = pagesOf(query);
        if (found.items.length === 0) return <Nothing turn={turn} status={status} />;
        return <Listing label="Requests" columns={COLUMNS} keyOf={({ id }) => id} {...found} />;
      }}
    </Loaded>
  );
}

const COLUMNS: readonly Column<IprSummary>[] = [
  {
    title: "Request",
    cell: ({ id, title, author }) => (
      <Stack gap={0} miw={200}>
        <Link to={`/iprs/${id}`} fw={600}>
          {title}
        </Link>
        <Text size="xs" c="dimmed">
          #{id} by {author}
        </Text>
      </Stack>
    ),
  },
  { title: "State", cell: ({ status }) => <StateBadge state={status} /> },
  { title: "Does", cell: (ipr) => <Changes ipr={ipr} /> },
  {
    title: "Where",
    cell: ({ stack, engine }) => (
      <Stack gap={0}>
        <Text size="sm">{stack}</Text>
        <Text size="xs" c="dimmed">
          {engine}
        </Text>
      </Stack>
    ),
  },
  { title: "Changed", cell: ({ updated_at }) => <When at={updated_at} /> },
];

function Changes({ ipr }: { ipr: IprSummary }) {
  const { added = [], modified = [], removed = [] } = ipr.changes_summary;
  const parts: [string, number][] = [
    ["new", added.length],
    ["changed", modified.length],
    ["removed", removed.length],
  ];
  const some = parts.filter(([, number]) => number > 0);
  return (
    <Group gap={6}>
      <Text size="sm">
        {some.length === 0
          ? "nothing"
          : some.map(([what, number]) => `${number.toLocaleString("en-US")} ${what}`).join(", ")}
      </Text>
      {ipr.destructive > 0 && (
        <Badge color="red" variant="filled">
          destroys {ipr.destructive.toLocaleString("en-US")}
        </Badge>
      )}
      {ipr.blocked && (
        <Badge color="red" variant="light" autoContrast>
          can&apos;t run
        </Badge>
      )}
    </Group>
  );
}

function Nothing({ turn, status }: Wanted) {
  if (turn === "review") {
    return (
      <Empty title="Nothing waits for your word">
        Requests that somebody has opened and that you may decide on are listed here.
      </Empty>
    );
  }
  if (status !== null || turn === "mine") {
    return (
      <Empty title="There are no such requests" action={<Link to="/iprs">Show all</Link>}>
        {turn === "mine" ? "You have opened none" : "None is there"}
        {status === null ? "." : ` that is ${status}.`}
      </Empty>
    );
  }
  return (
    <Empty title="No request was opened yet" action={<Link to="/">Say what you need</Link>}>
      A request asks for the approval of one plan. Open one from a blueprint or the conversation, or with{" "}
      <Code>alma deploy app.yaml</Code>.
    </Empty>
  );
}
