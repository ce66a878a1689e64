/** What is different between two revisions, as the server tells it: resources, fields, cost and findings. */
import { Badge, Group, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Loaded } from "@/components/states";
import { StateBadge } from "@/components/StateBadge";
import { api } from "@/lib/api/client";
import { Problem } from "@/lib/api/problem";
import { shown, words } from "@/lib/format";
import { useMay } from "@/lib/permissions";

interface Part {
  name: string;
  type: string;
}
interface Difference {
  resource: string;
  path: string;
  before: unknown;
  after: unknown;
  private: boolean;
  action: string;
}
interface Issue {
  rule: string;
  title: string;
  severity: string;
  path: string;
  message: string;
}
/** What `compare_blueprints` answers, as far as it is shown here. */
interface Comparison {
  summary: string;
  identical: boolean;
  added: Part[];
  removed: Part[];
  renamed: { before: string; after: string; type: string }[];
  differences: Difference[];
  left_out: number;
  risk: { new_issues: Issue[]; resolved_issues: Issue[] } | null;
}

interface DifferencesProps {
  id: number;
  from: number;
  to: number;
}

async function compared({ id, from, to }: DifferencesProps): Promise<Comparison> {
  const { data } = await api.POST("/api/v1/tools/execute-direct", {
    body: {
      tool_name: "compare_blueprints",
      parameters: { blueprint_a: `${id}@${from}`, blueprint_b: `${id}@${to}` } as never,
    },
  });
  if (data?.success !== true)
    throw new Problem(data?.error ?? "They could not be compared", { code: "tool", status: 1 });
  return data.result as unknown as Comparison;
}

export function Differences({ id, from, to }: DifferencesProps) {
  const may = useMay("tool:run");
  const query = useQuery({
    queryKey: ["post", "/api/v1/tools/execute-direct", "compare", id, from, to],
    queryFn: () => compared({ id, from, to }),
    enabled: may,
    staleTime: Infinity, // revisions never change
  });
  if (!may)
    return (
      <Text c="dimmed">
        Comparing fields takes a tool that your role may not run. The YAML shows it, too.
      </Text>
    );
  return <Loaded query={query}>{(comparison) => <Told {...comparison} />}</Loaded>;
}

function Told({ summary, identical, added, removed, renamed, differences, left_out, risk }: Comparison) {
  if (identical) return <Text c="dimmed">Both say the same.</Text>;
  return (
    <Stack gap="sm">
      <Text>{summary}</Text>
      <Group gap="xs">
        {added.map(({ name, type }) => (
          <Named key={name} color="green" text={`new: ${name}`} title={words(type)} />
        ))}
        {removed.map(({ name, type }) => (
          <Named key={name} color="red" text={`gone: ${name}`} title={words(type)} />
        ))}
        {renamed.map(({ before, after, type }) => (
          <Named key={before} color="blue" text={`renamed: ${before} → ${after}`} title={words(type)} />
        ))}
      </Group>
      {differences.length > 0 && <FieldTable differences={differences} />}
      {left_out > 0 && <Text c="dimmed">{left_out} more differences are not shown.</Text>}
      {risk !== null && <Issues title="Findings that come" issues={risk.new_issues} />}
      {risk !== null && <Issues title="Findings that go" issues={risk.resolved_issues} />}
    </Stack>
  );
}

function Named({ color, text, title }: { color: string; text: string; title: string }) {
  return (
    <Badge color={color} variant="light" autoContrast tt="none" title={title} maw="100%">
      {text}
    </Badge>
  );
}

function FieldTable({ differences }: { differences: readonly Difference[] }) {
  return (
    <Table.ScrollContainer minWidth={480}>
      <Table withTableBorder aria-label="Fields that differ">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Resource</Table.Th>
            <Table.Th>Field</Table.Th>
            <Table.Th>Before</Table.Th>
            <Table.Th>After</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {differences.map(({ resource, path, before, after, private: hidden, action }) => (
            <Table.Tr key={`${resource} ${path} ${action}`}>
              <Table.Td className="wrap-anywhere">{resource}</Table.Td>
              <Table.Td className="wrap-anywhere">{path}</Table.Td>
              <Table.Td className="wrap-anywhere">{hidden ? "(not shown)" : shown(before)}</Table.Td>
              <Table.Td className="wrap-anywhere">{hidden ? "(not shown)" : shown(after)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Issues({ title, issues }: { title: string; issues: readonly Issue[] }) {
  if (issues.length === 0) return null;
  return (
    <Stack gap={4}>
      <Text fw={600}>{title}</Text>
      {issues.map(({ rule, title: what, severity, path, message }) => (
        <Group key={`${rule} ${path}`} gap="xs" align="baseline" wrap="nowrap">
          <StateBadge state={severity} />
          <Text size="sm" className="wrap-anywhere">
            {what}: {message}{" "}
            <Text span c="dimmed" size="xs">
              {rule} · {path}
            </Text>
          </Text>
        </Group>
      ))}
    </Stack>
  );
}
