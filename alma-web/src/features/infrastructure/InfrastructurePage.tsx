/** What runs, per engine and stack, whether it works, and whether it is still as it was left. */
import { Badge, Group, Skeleton, Stack, Switch, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "@/components/Link";
import { Listing, type Column } from "@/components/Listing";
import { Page } from "@/components/Page";
import { Empty, Loaded } from "@/components/states";
import { $api } from "@/lib/api/client";
import { asProblem } from "@/lib/api/problem";
import { every } from "@/lib/api/queries";
import type { StackSummary } from "@/lib/api/schema";
import { useChosen } from "@/lib/chosen";
import { count } from "@/lib/format";
import { useTurns } from "@/lib/news";
import { useMay } from "@/lib/permissions";
import { EngineCards } from "./EngineCards";
import { HealthMark } from "./HealthMark";
import { byEngine, isPast, standingOf } from "./standing";

export default function InfrastructurePage() {
  const mayEngines = useMay("engine:read");
  return (
    <Page
      title="Infrastructure"
      about="What runs now, asked of the engines. Changes go through requests; what changed without one is drift."
    >
      {mayEngines && <EngineCards />}
      <Stacks />
    </Page>
  );
}

function Stacks() {
  useTurns("/api/v1/stacks");
  const query = $api.useQuery("get", "/api/v1/stacks", {}, { refetchInterval: every(30) });
  const chosen = useChosen();
  const words = chosen.get("q") ?? "";
  const past = chosen.get("past") === "true";
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="sm">
        <Text component="h2" fw={600} size="lg">
          Stacks
        </Text>
        <Group gap="md">
          <Switch
            label="Removed ones, too"
            checked={past}
            onChange={(event) => chosen.put("past", event.currentTarget.checked ? "true" : null)}
          />
          <TextInput
            aria-label="Find a stack"
            placeholder="Find a stack"
            leftSection={<IconSearch size={16} />}
            value={words}
            onChange={(event) => chosen.put("q", event.currentTarget.value)}
          />
        </Group>
      </Group>
      <Loaded query={query}>
        {({ items }) => {
          const shown = items.filter(
            (stack) => (past || !isPast(stack)) && stack.name.toLowerCase().includes(words.toLowerCase()),
          );
          if (shown.length === 0) return <None any={items.length > 0} />;
          return byEngine(shown).map(([engine, stacks]) => (
            <OnEngine key={engine} engine={engine} stacks={stacks} />
          ));
        }}
      </Loaded>
    </Stack>
  );
}

function None({ any }: { any: boolean }) {
  if (any)
    return <Empty title="No stack is like that">Search for something else, or show removed ones.</Empty>;
  return (
    <Empty title="Nothing is deployed yet" action={<Link to="/templates">Start from a template</Link>}>
      A blueprint that was deployed to an engine is a stack. Say what you need in a conversation or take a
      template, have it approved and deploy it; or import what runs already from an engine above.
    </Empty>
  );
}

/** Each row asks its engine: not more at once than fit on a screen. */
const SOME = 20;

function OnEngine({ engine, stacks }: { engine: string; stacks: readonly StackSummary[] }) {
  const [most, setMost] = useState(SOME);
  return (
    <Stack gap={4}>
      <Group gap="xs">
        <Text component="h3" fw={600}>
          {engine}
        </Text>
        <Badge variant="default">{count(stacks.length, "stack")}</Badge>
      </Group>
      <Listing
        label={`Stacks on ${engine}`}
        items={stacks.slice(0, most)}
        columns={COLUMNS}
        keyOf={({ id }) => id}
        total={stacks.length > SOME ? stacks.length : undefined}
        more={{ has: stacks.length > most, loading: false, fetch: () => setMost(most + SOME) }}
      />
    </Stack>
  );
}

const COLUMNS: readonly Column<StackSummary>[] = [
  {
    title: "Stack",
    cell: ({ id, name }) => (
      <Link to={`/infrastructure/${id}`} fw={600}>
        {name}
      </Link>
    ),
  },
  { title: "Health", cell: (stack) => <Seen stack={stack} /> },
  {
    title: "Blueprint",
    cell: ({ blueprint_id, revision }) => (
      <Link to={`/blueprints/${blueprint_id}`}>
        {revision === null ? "no revision in full" : `revision ${revision}`}
      </Link>
    ),
  },
  { title: "Resources", cell: ({ resources }) => resources, right: true },
];

/** How it is now, which takes a look at the engine. */
function Seen({ stack }: { stack: StackSummary }) {
  const { data, error, isPending } = $api.useQuery(
    "get",
    "/api/v1/stacks/{stack_id}",
    { params: { path: { stack_id: stack.id } } },
    { staleTime: 30_000, refetchInterval: every(60) },
  );
  if (isPending) return <Skeleton height={20} width={90} aria-label="Asking the engine" />;
  if (data === undefined)
    return <HealthMark standing={{ health: "unknown", words: asProblem(error).message }} />;
  return (
    <Group gap={6}>
      <HealthMark standing={standingOf(data)} />
      {data.drift.length > 0 && (
        <Badge color="orange" variant="light" autoContrast style={{ flexShrink: 0 }}>
          {data.drift.length} drifted
        </Badge>
      )}
      {data.problem !== null && (
        <Text size="xs" c="dimmed" lineClamp={2}>
          {data.problem}
        </Text>
      )}
    </Group>
  );
}
