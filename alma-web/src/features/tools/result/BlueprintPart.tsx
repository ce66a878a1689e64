/** A blueprint that a tool made: drawn, and to be kept. */
import { Button, Group, Stack, Tabs, Text } from "@mantine/core";
import { IconDeviceFloppy } from "@tabler/icons-react";
import { stringify } from "yaml";
import { BlueprintGraph } from "@/components/graph";
import { Link } from "@/components/Link";
import { ProblemAlert } from "@/components/states";
import type { Answer } from "@/lib/answer";
import { $api } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";
import type { Blueprint } from "@/lib/api/schema";
import { count } from "@/lib/format";
import { useMay } from "@/lib/permissions";
import { DocumentPart } from "./DocumentPart";

export function BlueprintPart({ blueprint, saved }: { blueprint: Answer; saved?: number | null }) {
  const document = blueprint as unknown as Blueprint;
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Text size="sm" className="wrap-anywhere">
          <b>{document.name}</b>, {count(document.resources?.length ?? 0, "resource")}
        </Text>
        {typeof saved === "number" ? (
          <Link to={`/blueprints/${saved}`}>Open blueprint {saved}</Link>
        ) : (
          <Save document={document} />
        )}
      </Group>
      <Tabs defaultValue="graph" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="graph">Graph</Tabs.Tab>
          <Tabs.Tab value="yaml">YAML</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="graph" pt="xs">
          <BlueprintGraph blueprint={document} height={300} />
        </Tabs.Panel>
        <Tabs.Panel value="yaml" pt="xs">
          <DocumentPart name={document.name} text={stringify(blueprint)} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

function Save({ document }: { document: Blueprint }) {
  const may = useMay("blueprint:write");
  const saving = $api.useMutation("post", "/api/v1/blueprints", {
    onSuccess: () => changed("/api/v1/blueprints"),
  });
  if (!may) return null;
  if (saving.data !== undefined) {
    return <Link to={`/blueprints/${saving.data.id}`}>Saved as blueprint {saving.data.id}: open it</Link>;
  }
  return (
    <Stack gap="xs">
      <Button
        size="xs"
        leftSection={<IconDeviceFloppy size={16} />}
        loading={saving.isPending}
        onClick={() => saving.mutate({ body: document })}
      >
        Save as a new blueprint
      </Button>
      {saving.error !== null && <ProblemAlert problem={saving.error} />}
    </Stack>
  );
}
