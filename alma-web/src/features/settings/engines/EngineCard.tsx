import { Alert, Badge, Button, Code, Group, List, Paper, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlugConnected, IconRefresh } from "@tabler/icons-react";
import { useState } from "react";
import { ProblemAlert } from "@/components/states";
import { StateBadge } from "@/components/StateBadge";
import { When } from "@/components/When";
import { api } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";
import type { EngineView } from "@/lib/api/schema";
import { shown, words } from "@/lib/format";
import { useMay } from "@/lib/permissions";
import { useActing } from "@/components/acting";
import { ConnectionDialog } from "./ConnectionDialog";

export function EngineCard({ engine: listed }: { engine: EngineView }) {
  const [checked, setChecked] = useState<{ engine: EngineView; at: string } | null>(null);
  const [opened, { open, close }] = useDisclosure();
  const { busy, problem, act } = useActing();
  const configure = useMay("engine:configure");
  const engine = checked?.engine ?? listed;
  async function check() {
    const { data } = await api.GET("/api/v1/engines/{name}/check", {
      params: { path: { name: listed.engine } },
    });
    if (data === undefined) return;
    setChecked({ engine: data, at: new Date().toISOString() });
    changed("/api/v1/engines");
  }
  return (
    <Paper withBorder p="md" component="section" aria-label={engine.engine}>
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start">
          <Group gap="xs">
            <Title order={2} size="h4" className="wrap-anywhere">
              {engine.engine}
            </Title>
            <StateBadge state={stateOf(engine)} color={COLORS[stateOf(engine)]} />
            {engine.default && <Badge variant="outline">default</Badge>}
          </Group>
          <Group gap="xs">
            <Button
              size="xs"
              variant="default"
              leftSection={<IconRefresh size={14} />}
              loading={busy}
              aria-label={`Check ${engine.engine}`}
              onClick={() => void act(check)}
            >
              Check
            </Button>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPlugConnected size={14} />}
              aria-label={`Connection of ${engine.engine}`}
              onClick={open}
            >
              {configure ? "Connection" : "How it is reached"}
            </Button>
          </Group>
        </Group>
        <Text size="sm" className="wrap-anywhere">
          {engine.detail}
          {checked !== null && (
            <Text span size="sm" c="dimmed">
              {" · checked "}
              <When at={checked.at} />
            </Text>
          )}
        </Text>
        {problem !== null && <ProblemAlert problem={problem} onRetry={() => void act(check)} />}
        <Problems engine={engine} />
        {checked !== null && <Facts engine={engine} />}
      </Stack>
      {opened && <ConnectionDialog name={engine.engine} onClose={close} />}
    </Paper>
  );
}

const COLORS: Record<string, string> = { usable: "green", "not set up": "gray", "not usable": "red" };

function stateOf({ available, configured }: EngineView): string {
  if (available) return "usable";
  return configured ? "not usable" : "not set up";
}

/** Missing privileges, too: the engine's own words for each. */
function Problems({ engine: { problems, configured } }: { engine: EngineView }) {
  if (problems === undefined || problems.length === 0) return null;
  return (
    <Alert color={configured ? "yellow" : "gray"} variant="light" p="sm" title="What is missing">
      <List size="sm" className="wrap-anywhere">
        {problems.map((problem) => (
          <List.Item key={problem}>{problem}</List.Item>
        ))}
      </List>
    </Alert>
  );
}

function Facts({ engine: { version, facts } }: { engine: EngineView }) {
  const all = Object.entries({ ...(version ? { version } : {}), ...facts });
  if (all.length === 0) return null;
  return (
    <Group gap="xs">
      {all.map(([name, value]) => (
        <Code key={name} className="wrap-anywhere">
          {words(name)}: {shown(value)}
        </Code>
      ))}
    </Group>
  );
}
