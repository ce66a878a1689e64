import { Badge, Button, Card, Group, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { FilterBar, OneOf, SearchField } from "@/components/filters";
import { Link } from "@/components/Link";
import { Page } from "@/components/Page";
import { Empty, Loaded } from "@/components/states";
import { $api, api } from "@/lib/api/client";
import type { TemplateList, TemplateSummary } from "@/lib/api/schema";
import { count } from "@/lib/format";
import { useAsked } from "@/lib/asked";
import { SmallGraph } from "./SmallGraph";
import { matches } from "./values";

const COMPLEXITY = { low: "green", medium: "yellow", high: "orange" } as const;

async function found(query: string, signal: AbortSignal): Promise<TemplateList> {
  const { data } =
    query === ""
      ? await api.GET("/api/v1/templates", { params: { query: { blueprints: true } }, signal })
      : await api.GET("/api/v1/templates/search", {
          params: { query: { query, limit: 100, blueprints: true } },
          signal,
        });
  return data as TemplateList;
}

export default function TemplatesPage() {
  const [asked, ask] = useAsked();
  const navigate = useNavigate();
  const wanted = { category: asked.get("category") ?? "", complexity: asked.get("complexity") ?? "" };
  const search = asked.get("search") ?? "";
  const templates = useQuery({
    queryKey: ["get", "/api/v1/templates", "drawn", search],
    queryFn: ({ signal }) => found(search, signal),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  return (
    <Page
      title="Templates"
      about="Blueprints that are known to work, with a few things to choose. Using one saves a blueprint; nothing runs yet."
    >
      <Filters search={search} {...wanted} ask={ask} />
      <Loaded query={templates}>
        {({ items }) => {
          const shown = items.filter((template) => matches(template, wanted));
          if (shown.length === 0)
            return (
              <Empty
                title="No template fits"
                action={
                  <Button variant="default" onClick={() => void navigate("/templates", { replace: true })}>
                    Show all
                  </Button>
                }
              >
                Your own templates go to <code>config/blueprints.d/</code> in the server&apos;s data
                directory.
              </Empty>
            );
          return (
            <SimpleGrid cols={{ base: 1, sm: 2, xl: 3 }} spacing="md">
              {shown.map((template) => (
                <Tile key={template.id} template={template} />
              ))}
            </SimpleGrid>
          );
        }}
      </Loaded>
    </Page>
  );
}

interface FiltersProps {
  search: string;
  category: string;
  complexity: string;
  ask: (name: string, value: string) => void;
}

function Filters({ search, category, complexity, ask }: FiltersProps) {
  const categories = $api.useQuery("get", "/api/v1/templates/categories", {}, { staleTime: 300_000 });
  return (
    <FilterBar>
      <SearchField
        label="Search"
        placeholder="A few words, such as postgres replication"
        value={search}
        onSearch={(words) => ask("search", words)}
      />
      <OneOf
        label="Category"
        w={200}
        data={(categories.data?.items ?? []).map(({ name, templates }) => ({
          value: name,
          label: `${name} (${templates})`,
        }))}
        value={category}
        onChoose={(name) => ask("category", name)}
      />
      <OneOf
        label="Complexity"
        data={Object.keys(COMPLEXITY)}
        value={complexity}
        onChoose={(level) => ask("complexity", level)}
      />
    </FilterBar>
  );
}

function Tile({ template }: { template: TemplateSummary }) {
  const { id, name, description, category, complexity, use_case, resources, blueprint } = template;
  return (
    <Card withBorder padding="md" component="article">
      <Card.Section
        withBorder
        p="xs"
        bg="light-dark(var(--mantine-color-gray-0), var(--mantine-color-dark-8))"
      >
        <SmallGraph blueprint={blueprint ?? {}} />
      </Card.Section>
      <Stack gap="xs" mt="sm" h="100%">
        <Title order={2} size="h4">
          <Link to={`/templates/${encodeURIComponent(id)}`} inherit>
            {name}
          </Link>
        </Title>
        <Group gap="xs">
          <Badge variant="default" tt="none">
            {category}
          </Badge>
          <Badge variant="light" color={COMPLEXITY[complexity]} autoContrast tt="none">
            {complexity} complexity
          </Badge>
          <Text size="sm" c="dimmed">
            {count(resources, "resource")}
          </Text>
        </Group>
        <Text size="sm" lineClamp={3} title={description}>
          {description}
        </Text>
        <Text size="sm" c="dimmed" lineClamp={2}>
          For: {use_case}
        </Text>
      </Stack>
    </Card>
  );
}
