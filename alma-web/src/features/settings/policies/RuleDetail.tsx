import { Badge, Button, Code, Group, Paper, Stack, Table, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { stringify } from "yaml";
import { Link } from "@/components/Link";
import { StateBadge } from "@/components/StateBadge";
import type { Rule } from "@/lib/api/schema";
import { words } from "@/lib/format";
import { useMay } from "@/lib/permissions";
import { NewWaiver } from "./NewWaiver";
import { LevelBadge } from "./Rules";

export function RuleDetail({ rule }: { rule: Rule }) {
  const [opened, { open, close }] = useDisclosure();
  const waive = useMay("policy:waive") && rule.level !== "off";
  return (
    <Stack>
      <Link to="/settings/policies" size="sm">
        All rules
      </Link>
      <Group justify="space-between" align="flex-start">
        <div style={{ minWidth: 0, flex: "1 1 280px" }}>
          <Title order={2} size="h3" className="wrap-anywhere">
            {rule.title}
          </Title>
          <Group gap="xs" mt={4}>
            <Code>{rule.id}</Code>
            <LevelBadge level={rule.level ?? "advisory"} />
            <StateBadge state={rule.severity} />
            <Text size="sm" c="dimmed">
              {rule.pack}
            </Text>
          </Group>
        </div>
        {waive && (
          <Button variant="default" onClick={open}>
            Answer for it being broken
          </Button>
        )}
      </Group>
      <What rule={rule} />
      <Controls rule={rule} />
      <Examples rule={rule} />
      {opened && <NewWaiver rule={rule.id} onClose={close} />}
    </Stack>
  );
}

function What({ rule }: { rule: Rule }) {
  const rows: [string, string | undefined][] = [
    ["Says when broken", rule.message],
    ["What helps", rule.remediation],
    [
      "Asked about",
      rule.scope === "blueprint"
        ? "the whole blueprint"
        : (rule.types ?? []).map(words).join(", ") || "every resource",
    ],
    ["Where", rule.path],
    ["Only if", rule.applies],
    ["Has to be true", rule.assert],
  ];
  return (
    <Table variant="vertical" className="wrap-anywhere" layout="fixed">
      <Table.Tbody>
        {rows
          .filter(([, text]) => text !== undefined && text !== "")
          .map(([name, text]) => (
            <Table.Tr key={name}>
              <Table.Th w={150}>{name}</Table.Th>
              <Table.Td>
                {name === "Only if" || name === "Has to be true" || name === "Where" ? (
                  <Code>{text}</Code>
                ) : (
                  text
                )}
              </Table.Td>
            </Table.Tr>
          ))}
      </Table.Tbody>
    </Table>
  );
}

function Controls({ rule }: { rule: Rule }) {
  const controls = Object.entries(rule.controls ?? {});
  if (controls.length === 0) return null;
  return (
    <div>
      <Title order={3} size="h4" mb="xs">
        Evidence for
      </Title>
      <Stack gap="xs">
        {controls.map(([framework, ids]) => (
          <Group key={framework} gap="xs">
            <Text size="sm" fw={600} w={90}>
              {framework}
            </Text>
            {ids.map((id) => (
              <Badge key={id} variant="outline" tt="none">
                {id}
              </Badge>
            ))}
          </Group>
        ))}
      </Stack>
    </div>
  );
}

function Examples({ rule }: { rule: Rule }) {
  const examples = rule.examples ?? [];
  if (examples.length === 0) return null;
  return (
    <div>
      <Title order={3} size="h4" mb="xs">
        Examples
      </Title>
      <Stack>
        {examples.map(({ blueprint, result }, index) => (
          <Paper key={`${index} ${result}`} withBorder p="sm">
            <Group gap="xs" mb="xs">
              <StateBadge state={result} color={COLORS[result]} />
            </Group>
            <Code block tabIndex={0}>
              {stringify(blueprint)}
            </Code>
          </Paper>
        ))}
      </Stack>
    </div>
  );
}

const COLORS: Record<string, string> = { pass: "green", fail: "red", unknown: "gray", waived: "yellow" };
