import { Code, Drawer, Stack, Table, Text, Title } from "@mantine/core";
import { Loaded } from "@/components/states";
import { StateBadge } from "@/components/StateBadge";
import { $api } from "@/lib/api/client";
import type { AuditEntry } from "@/lib/api/schema";
import { dateTime, shown } from "@/lib/format";
import { CLOSE } from "@/components/acting";
import { differences } from "./filters";

export function Entry({ seq, onClose }: { seq: number; onClose: () => void }) {
  const query = $api.useQuery("get", "/api/v1/audit/{seq}", { params: { path: { seq } } });
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="lg"
      closeButtonProps={CLOSE}
      title={`Entry ${seq}`}
    >
      <Loaded query={query}>
        {(entry) => (
          <Stack className="wrap-anywhere">
            <Facts entry={entry} />
            <Changes entry={entry} />
          </Stack>
        )}
      </Loaded>
    </Drawer>
  );
}

function Facts({ entry }: { entry: AuditEntry }) {
  const rows: [string, string | null][] = [
    ["Did what", entry.action],
    ["To what", entry.target],
    ["Who", `${entry.principal} (${entry.kind})`],
    ["In project", entry.project],
    ["When", `${dateTime(entry.at)} · ${entry.at}`],
    ["From", entry.address],
    ["With", entry.client],
    ["Request", entry.request_id],
    ["Hash", entry.hash],
    ["Hash before", entry.previous],
  ];
  return (
    <>
      <StateBadge state={entry.outcome} />
      <Table variant="vertical" layout="fixed">
        <Table.Tbody>
          {rows
            .filter(([, text]) => text !== null && text !== "")
            .map(([name, text]) => (
              <Table.Tr key={name}>
                <Table.Th w={120}>{name}</Table.Th>
                <Table.Td>
                  <Text size="sm">{text}</Text>
                </Table.Td>
              </Table.Tr>
            ))}
        </Table.Tbody>
      </Table>
    </>
  );
}

function Changes({ entry: { before, after } }: { entry: AuditEntry }) {
  const found = differences(before, after);
  if (found.length === 0) return <Text c="dimmed">This entry says nothing of before and after.</Text>;
  return (
    <div>
      <Title order={3} size="h4" mb="xs">
        Before and after
      </Title>
      <Table layout="fixed" aria-label="Before and after">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Field</Table.Th>
            <Table.Th>Before</Table.Th>
            <Table.Th>After</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {found.map(({ field, before: was, after: is, same }) => (
            <Table.Tr key={field} fw={same ? undefined : 600}>
              <Table.Td>{field}</Table.Td>
              <Table.Td>{was === undefined ? "—" : <Code>{shown(was)}</Code>}</Table.Td>
              <Table.Td>{is === undefined ? "—" : <Code>{shown(is)}</Code>}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
