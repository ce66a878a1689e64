/** What is not as the last deployment left it, and the two ways on: put it back, or say in the blueprint that it is right. */
import { Alert, Button, Group, Paper, Stack, Table, Text, Title } from "@mantine/core";
import { Link as RouterLink, useNavigate } from "react-router";
import { StateBadge } from "@/components/StateBadge";
import { ProblemAlert } from "@/components/states";
import { $api } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";
import type { BlueprintView, StackView } from "@/lib/api/schema";
import { count, shown } from "@/lib/format";
import { useMay } from "@/lib/permissions";
import { differencesOf, type Difference, type Row } from "./standing";

export function DriftPart({ stack, rows }: { stack: StackView; rows: readonly Row[] }) {
  const drifted = rows.filter(({ drift }) => drift !== null);
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Title order={2} size="h4">
          Drift: {count(stack.drift.length, "resource")} changed outside of ALMA
        </Title>
        <Ways stack={stack} />
      </Group>
      <Ahead stack={stack} />
      {drifted.map((row) => (
        <Drifted key={row.address} row={row} />
      ))}
    </Stack>
  );
}

function Drifted({ row }: { row: Row }) {
  const differences = differencesOf(row);
  return (
    <Paper withBorder p="sm" className="wrap-anywhere">
      <Group gap="xs" mb={differences.length > 0 ? "xs" : 0}>
        <Text fw={600} size="sm">
          {row.address}
        </Text>
        <StateBadge state={row.drift?.kind ?? ""} color={row.drift?.kind === "gone" ? "red" : "orange"} />
        <Text size="sm">{row.drift?.detail}</Text>
      </Group>
      {differences.length > 0 && <Differences address={row.address} differences={differences} />}
    </Paper>
  );
}

function Differences({ address, differences }: { address: string; differences: readonly Difference[] }) {
  return (
    <Table.ScrollContainer minWidth={360}>
      <Table aria-label={`How ${address} has drifted`} layout="fixed">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Field</Table.Th>
            <Table.Th>As it was left</Table.Th>
            <Table.Th>Now</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {differences.map(({ path, before, now }) => (
            <Table.Tr key={path}>
              <Table.Td>{path}</Table.Td>
              <Table.Td>{shown(before)}</Table.Td>
              <Table.Td fw={600}>{shown(now)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function useNewest(blueprint_id: number): number | null {
  const may = useMay("blueprint:read");
  const { data } = $api.useQuery(
    "get",
    "/api/v1/blueprints/{blueprint_id}",
    { params: { path: { blueprint_id } } },
    { enabled: may },
  );
  // It could be asked for as YAML, too, so its type says less than what comes.
  return (data as BlueprintView | null | undefined)?.revision ?? null;
}

/** A request is about the newest revision: what else it would bring must be known. */
function Ahead({ stack }: { stack: StackView }) {
  const newest = useNewest(stack.blueprint_id);
  if (newest === null || stack.revision === null || newest === stack.revision) return null;
  return (
    <Alert color="yellow" title={`Revision ${newest} is saved, and revision ${stack.revision} is deployed`}>
      A request brings the newest revision: it would put back what has drifted and deploy what is new since.
    </Alert>
  );
}

function Ways({ stack }: { stack: StackView }) {
  const navigate = useNavigate();
  const mayOpen = useMay("ipr:open");
  const mayWrite = useMay("blueprint:write");
  const opening = $api.useMutation("post", "/api/v1/iprs", {
    onSuccess: ({ id }) => {
      changed("/api/v1/iprs");
      void navigate(`/iprs/${id}`);
    },
  });
  const body = {
    title: `Put ${stack.name} back as it was approved`,
    description:
      `What has changed outside: ${stack.drift.map(({ address, detail }) => `${address}: ${detail}`).join("; ")}`.slice(
        0,
        10_000,
      ),
    blueprint_id: stack.blueprint_id,
    engine: stack.engine,
  };
  return (
    <Stack gap="xs" align="flex-end">
      <Group gap="xs">
        {mayWrite && (
          <Button
            component={RouterLink}
            to={`/blueprints/${stack.blueprint_id}/edit`}
            variant="default"
            title="Write what is there now into the blueprint: then nothing is left to change"
          >
            Accept in the blueprint
          </Button>
        )}
        {mayOpen && (
          <Button loading={opening.isPending} onClick={() => opening.mutate({ body })}>
            Open a request to fix it
          </Button>
        )}
      </Group>
      {opening.error !== null && <ProblemAlert problem={opening.error} />}
    </Stack>
  );
}
