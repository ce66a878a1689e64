/** One stack: what was recorded beside what is there, what has drifted, whether it works, and how it goes away. */
import { Alert, Anchor, Badge, Code, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { useState } from "react";
import { useParams } from "react-router";
import { Link } from "@/components/Link";
import { Listing, type Column } from "@/components/Listing";
import { Page } from "@/components/Page";
import { StateBadge } from "@/components/StateBadge";
import { Empty, Loaded } from "@/components/states";
import { When } from "@/components/When";
import { $api } from "@/lib/api/client";
import { every } from "@/lib/api/queries";
import type { StackView } from "@/lib/api/schema";
import { words } from "@/lib/format";
import { useTurns } from "@/lib/news";
import { useMay } from "@/lib/permissions";
import { DestroyButton } from "./Destroy";
import { DriftPart } from "./DriftPart";
import { HealthMark } from "./HealthMark";
import { isPast, rowsOf, standingOf, type Row } from "./standing";
import { VerifyPart } from "./VerifyPart";

export default function StackPage() {
  const { id = "" } = useParams();
  useTurns("/api/v1/stacks");
  const query = $api.useQuery(
    "get",
    "/api/v1/stacks/{stack_id}",
    { params: { path: { stack_id: id } } },
    { refetchInterval: every(30) },
  );
  const above = (
    <Link to="/infrastructure" size="sm">
      Infrastructure
    </Link>
  );
  if (query.data === undefined) {
    return (
      <Page title="Stack" above={above}>
        <Loaded query={query}>{() => null}</Loaded>
      </Page>
    );
  }
  return (
    <Loaded query={query}>
      {(stack) => (
        <Page
          title={stack.name}
          about={<About stack={stack} />}
          above={above}
          actions={<Actions key={stack.id} stack={stack} />}
        >
          <Content key={stack.id} stack={stack} />
        </Page>
      )}
    </Loaded>
  );
}

function About({ stack }: { stack: StackView }) {
  return (
    <Group gap="xs" component="span" mt={4}>
      <HealthMark standing={standingOf(stack)} />
      <Text span size="sm">
        on {stack.engine} ·{" "}
        <Link to={`/blueprints/${stack.blueprint_id}`} underline="always">
          {stack.blueprint_name}
        </Link>{" "}
        {stack.revision === null ? "with no revision deployed in full" : `revision ${stack.revision}`} ·{" "}
        <Link to={`/deployments?stack=${encodeURIComponent(stack.id)}`} underline="always">
          deployments
        </Link>{" "}
        · since <When at={stack.created_at} />
      </Text>
    </Group>
  );
}

function Actions({ stack }: { stack: StackView }) {
  const mayOpen = useMay("ipr:open");
  if (isPast(stack) || !mayOpen) return null;
  return <DestroyButton stack={stack} />;
}

function Content({ stack }: { stack: StackView }) {
  const rows = rowsOf(stack);
  const mayVerify = useMay("stack:verify");
  return (
    <Stack gap="lg">
      {stack.problem !== null && (
        <Alert
          color="yellow"
          icon={<IconPlugConnectedX />}
          title={`${stack.engine} could not be read`}
          className="wrap-anywhere"
          role="alert"
        >
          {stack.problem}. What stands below is what ALMA recorded at its last deployment; what is there now
          is not known. This page asks again by itself.
        </Alert>
      )}
      {stack.drift.length > 0 && <DriftPart stack={stack} rows={rows} />}
      <Stack gap="xs">
        <Title order={2} size="h4">
          Resources
        </Title>
        <Resources rows={rows} stack={stack} />
      </Stack>
      {mayVerify && stack.revision !== null && <VerifyPart stackId={stack.id} />}
    </Stack>
  );
}

const SOME = 100;

function Resources({ rows, stack }: { rows: readonly Row[]; stack: StackView }) {
  const [most, setMost] = useState(SOME);
  if (rows.length === 0) {
    return (
      <Empty
        title="Nothing of it is there"
        action={<Link to={`/blueprints/${stack.blueprint_id}`}>To its blueprint</Link>}
      >
        It was removed, or never deployed in full. Deploy its blueprint to have it here again.
      </Empty>
    );
  }
  return (
    <Paper withBorder>
      <Listing
        label="Resources"
        items={rows.slice(0, most)}
        columns={COLUMNS}
        keyOf={({ address }) => address}
        total={rows.length > SOME ? rows.length : undefined}
        more={{ has: rows.length > most, loading: false, fetch: () => setMost(most + SOME) }}
      />
    </Paper>
  );
}

const COLORS: Record<string, string> = { gone: "red", unread: "yellow", running: "green" };

const COLUMNS: readonly Column<Row>[] = [
  {
    title: "Resource",
    cell: ({ address, type, recorded, observed }) => (
      <Stack gap={0}>
        <Text size="sm" fw={600}>
          {address}
        </Text>
        <Text size="xs" c="dimmed">
          {words(type)}
          {(recorded?.retain ?? observed?.retain) === true && ", kept when the stack is removed"}
        </Text>
      </Stack>
    ),
  },
  {
    title: "Now",
    cell: ({ state, drift, recorded }) => (
      <Group gap={4}>
        <StateBadge state={state === "unread" ? "not known" : state} color={COLORS[state]} />
        {drift !== null && (
          <Badge color="orange" variant="light" autoContrast style={{ flexShrink: 0 }}>
            drift
          </Badge>
        )}
        {recorded === null && (
          <Badge color="yellow" variant="light" autoContrast style={{ flexShrink: 0 }}>
            not recorded
          </Badge>
        )}
      </Group>
    ),
  },
  {
    title: "On the engine",
    cell: ({ recorded, observed }) => {
      const id = observed?.object_id ?? recorded?.object_id;
      const site = Object.entries(observed?.site ?? recorded?.site ?? {});
      return (
        <Stack gap={2} align="flex-start">
          {id !== undefined && id !== null && (
            <Code style={{ whiteSpace: "nowrap" }}>{id.length > 20 ? `${id.slice(0, 20)}…` : id}</Code>
          )}
          {site.length > 0 && (
            <Text size="xs" c="dimmed">
              {site.map(([key, value]) => `${key} ${value}`).join(", ")}
            </Text>
          )}
        </Stack>
      );
    },
  },
  {
    title: "Endpoints",
    cell: ({ observed }) => (
      <Stack gap={2} align="flex-start">
        {(observed?.endpoints ?? []).map((endpoint) => (
          <Endpoint key={endpoint} endpoint={endpoint} />
        ))}
      </Stack>
    ),
  },
  {
    title: "Left by",
    cell: ({ recorded }) =>
      recorded === null ? (
        "no deployment"
      ) : (
        <Link to={`/deployments/${recorded.deployment_id}`} size="sm">
          <When at={recorded.updated_at} />
        </Link>
      ),
  },
];

/** Only web addresses are links: whatever else an engine says is text. */
function Endpoint({ endpoint }: { endpoint: string }) {
  if (!/^https?:\/\//i.test(endpoint)) return <Code>{endpoint}</Code>;
  return (
    <Anchor href={endpoint} target="_blank" rel="noopener noreferrer" size="sm">
      {endpoint}
    </Anchor>
  );
}
