/** What can be worked out here, and asking for it in words. */
import { Alert, Badge, Card, Chip, Group, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "@/components/Link";
import { Page } from "@/components/Page";
import { Empty, Loaded } from "@/components/states";
import { $api } from "@/lib/api/client";
import type { ToolView } from "@/lib/api/schema";
import { useMay } from "@/lib/permissions";
import { Ask } from "./Ask";
import { found, tagsOf } from "./choosing";

export default function ToolsPage() {
  const may = useMay("tool:run");
  const tools = $api.useQuery(
    "get",
    "/api/v1/tools",
    { params: { query: { limit: 500 } } },
    { enabled: may },
  );
  if (!may) {
    return (
      <Page title="Tools">
        <Empty title="You may not use tools in this project">
          It takes the permission tool:run. Whoever looks after the project&apos;s members can give it.
        </Empty>
      </Page>
    );
  }
  return (
    <Page
      title="Tools"
      about="Work out costs, capacity, security and more. No tool touches infrastructure, and the same input gives the same answer."
    >
      <Loaded query={tools}>
        {({ tools: all, unavailable = [] }) => (
          <Stack gap="lg">
            <Ask tools={all} />
            <ToolList tools={all} />
            {unavailable.map(({ name, reason, hint }) => (
              <Alert key={name} color="yellow" title={`${name} can't be used here`}>
                {reason}
                {hint !== null && <Text size="sm">{hint}</Text>}
              </Alert>
            ))}
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

function ToolList({ tools }: { tools: readonly ToolView[] }) {
  const [search, setSearch] = useState("");
  const [tag, setTag] = useState<string | null>(null);
  const shown = found(tools, search, tag);
  return (
    <Stack gap="sm">
      <Group gap="md">
        <TextInput
          aria-label="Search tools"
          placeholder="Search tools"
          leftSection={<IconSearch size={16} />}
          value={search}
          onChange={({ currentTarget }) => setSearch(currentTarget.value)}
          w={{ base: "100%", xs: 260 }}
        />
        <Group gap={6} role="group" aria-label="Only tools about">
          {tagsOf(tools).map((one) => (
            <Chip
              key={one}
              size="xs"
              checked={tag === one}
              onChange={(checked) => setTag(checked ? one : null)}
            >
              {one}
            </Chip>
          ))}
        </Group>
      </Group>
      {shown.length === 0 ? (
        <Empty title="No tool is like that">Search for what you want to know: cost, load, audit, move.</Empty>
      ) : (
        <SimpleGrid
          component="ul"
          cols={{ base: 1, sm: 2, lg: 3 }}
          p={0}
          m={0}
          style={{ listStyle: "none" }}
          aria-label="Tools"
        >
          {shown.map((tool) => (
            <ToolCard key={tool.name} tool={tool} />
          ))}
        </SimpleGrid>
      )}
    </Stack>
  );
}

function ToolCard({ tool: { name, title, description, tags, writes } }: { tool: ToolView }) {
  return (
    <Card component="li" withBorder padding="md">
      <Stack gap={6} h="100%">
        <Link to={`/tools/${encodeURIComponent(name)}`} fw={600} className="wrap-anywhere">
          {title}
        </Link>
        <Text size="sm" lineClamp={4}>
          {description}
        </Text>
        <Group gap={6} mt="auto" pt={4}>
          <Text size="xs" c="dimmed" ff="monospace" className="wrap-anywhere">
            {name}
          </Text>
          {tags.map((tag) => (
            <Badge key={tag} size="sm" variant="light" color="gray" autoContrast>
              {tag}
            </Badge>
          ))}
          {writes && (
            <Badge size="sm" variant="light" color="blue" autoContrast>
              saves
            </Badge>
          )}
        </Group>
      </Stack>
    </Card>
  );
}
