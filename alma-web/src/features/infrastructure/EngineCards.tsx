/** The places where stacks live: whether each can be used now, and what is missing. */
import { Badge, Button, Card, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { IconDownload, IconRefresh } from "@tabler/icons-react";
import { Link } from "react-router";
import { Loaded } from "@/components/states";
import { $api } from "@/lib/api/client";
import { every } from "@/lib/api/queries";
import type { EngineView } from "@/lib/api/schema";
import { useMay } from "@/lib/permissions";

export function EngineCards() {
  const engines = $api.useQuery("get", "/api/v1/engines", {}, { refetchInterval: every(60) });
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Text component="h2" fw={600} size="lg">
          Engines
        </Text>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconRefresh size={14} />}
          loading={engines.isFetching}
          onClick={() => void engines.refetch()}
        >
          Ask again
        </Button>
      </Group>
      <Loaded query={engines}>
        {({ items }) => (
          <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
            {items.map((engine) => (
              <EngineCard key={engine.engine} engine={engine} />
            ))}
          </SimpleGrid>
        )}
      </Loaded>
    </Stack>
  );
}

/** Not set up is no fault: somebody may not want it. */
function stateOf({ available, configured }: EngineView): { text: string; color: string } {
  if (available) return { text: "usable", color: "green" };
  return configured ? { text: "not usable", color: "red" } : { text: "not set up", color: "gray" };
}

function EngineCard({ engine }: { engine: EngineView }) {
  const mayOpen = useMay("ipr:open");
  const mayWrite = useMay("blueprint:write");
  const mayConfigure = useMay("engine:configure");
  const { text, color } = stateOf(engine);
  const problems = engine.problems ?? [];
  // A problem often begins with what the engine says of itself: once is enough.
  const said = problems.some((problem) => problem.startsWith(engine.detail));
  return (
    <Card withBorder padding="sm" className="wrap-anywhere">
      <Stack gap={6} h="100%">
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Text fw={600} component="h3">
            {engine.engine}
          </Text>
          <Group gap={6} wrap="nowrap">
            {engine.default && <Badge variant="default">default</Badge>}
            <Badge color={color} variant="light" autoContrast style={{ flexShrink: 0 }}>
              {text}
            </Badge>
          </Group>
        </Group>
        {!said && <Text size="sm">{engine.detail}</Text>}
        {problems.map((problem) => (
          <Text key={problem} size="sm">
            {problem}
          </Text>
        ))}
        <Group gap="xs" mt="auto" pt={4}>
          {engine.available && mayOpen && mayWrite && (
            <Button
              component={Link}
              to={`/infrastructure/import/${encodeURIComponent(engine.engine)}`}
              variant="light"
              size="compact-sm"
              leftSection={<IconDownload size={14} />}
              aria-label={`Import from ${engine.engine}`}
            >
              Import what is there
            </Button>
          )}
          {!engine.available && mayConfigure && (
            <Button component={Link} to="/settings/engines" variant="light" size="compact-sm">
              Set it up
            </Button>
          )}
        </Group>
      </Stack>
    </Card>
  );
}
