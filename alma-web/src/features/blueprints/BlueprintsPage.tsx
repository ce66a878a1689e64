import { Badge, Button, Text } from "@mantine/core";
import { IconFileImport, IconPlus } from "@tabler/icons-react";
import { Link as Route, useNavigate } from "react-router";
import { FilterBar, OneOf, SearchField } from "@/components/filters";
import { Link } from "@/components/Link";
import { type Column, Listing } from "@/components/Listing";
import { Page } from "@/components/Page";
import { Empty, Loaded } from "@/components/states";
import { When } from "@/components/When";
import { $api } from "@/lib/api/client";
import { byCursor, pagesOf } from "@/lib/api/pages";
import type { BlueprintView } from "@/lib/api/schema";
import { useAsked } from "@/lib/asked";
import { count } from "@/lib/format";
import { useMay } from "@/lib/permissions";

const AT_ONCE = 50;

const COLUMNS: Column<BlueprintView>[] = [
  {
    title: "Name",
    cell: ({ id, name, description }) => (
      <>
        <Link to={`/blueprints/${id}`} fw={600}>
          {name}
        </Link>
        {description && (
          <Text size="sm" c="dimmed" lineClamp={1}>
            {description}
          </Text>
        )}
      </>
    ),
  },
  {
    title: "Engine",
    cell: ({ engine }) =>
      engine ? (
        <Badge variant="default" tt="none">
          {engine}
        </Badge>
      ) : (
        <Text size="sm" c="dimmed">
          not decided
        </Text>
      ),
  },
  { title: "Resources", cell: ({ resources }) => resources?.length ?? 0, right: true },
  { title: "Revision", cell: ({ revision }) => revision, right: true },
  { title: "Saved", cell: ({ created_at }) => <When at={created_at} /> },
  { title: "By", cell: ({ created_by }) => created_by },
];

export default function BlueprintsPage() {
  const [asked, ask] = useAsked();
  const navigate = useNavigate();
  const search = asked.get("search") ?? "";
  const engine = asked.get("engine") ?? "";
  const query = $api.useInfiniteQuery(
    "get",
    "/api/v1/blueprints",
    { params: { query: { limit: AT_ONCE, ...(search && { search }), ...(engine && { engine }) } } },
    byCursor,
  );
  return (
    <Page
      title="Blueprints"
      about="What you want to run, as documents. Each save is a revision; nothing runs before a request is approved."
      actions={<Actions />}
    >
      <Filters search={search} engine={engine} ask={ask} />
      <Loaded query={query}>
        {() => {
          const found = pagesOf(query);
          if (found.total === 0)
            return search || engine ? (
              <NoMatch clear={() => void navigate("/blueprints", { replace: true })} />
            ) : (
              <None />
            );
          return <Listing label="Blueprints" columns={COLUMNS} keyOf={({ id }) => id} {...found} />;
        }}
      </Loaded>
    </Page>
  );
}

function Actions() {
  if (!useMay("blueprint:write")) return null;
  return (
    <>
      <Button
        component={Route}
        to="/blueprints/new?import=1"
        variant="default"
        leftSection={<IconFileImport size={16} />}
      >
        Import
      </Button>
      <Button component={Route} to="/blueprints/new" leftSection={<IconPlus size={16} />}>
        New blueprint
      </Button>
    </>
  );
}

interface FiltersProps {
  search: string;
  engine: string;
  ask: (name: string, value: string) => void;
}

function Filters({ search, engine, ask }: FiltersProps) {
  const engines = $api.useQuery("get", "/api/v1/engines", {}, { staleTime: 60_000, retry: false });
  const names = new Set((engines.data?.items ?? []).map((item) => item.engine));
  if (engine !== "") names.add(engine);
  return (
    <FilterBar>
      <SearchField
        label="Search by name"
        placeholder="A part of the name"
        value={search}
        maxLength={100}
        onSearch={(words) => ask("search", words)}
      />
      <OneOf label="Engine" data={[...names]} value={engine} onChoose={(name) => ask("engine", name)} />
    </FilterBar>
  );
}

function NoMatch({ clear }: { clear: () => void }) {
  return (
    <Empty
      title="No blueprint fits"
      action={
        <Button variant="default" onClick={clear}>
          Show all
        </Button>
      }
    >
      The search looks for a part of the name; the engine is the one that a blueprint names itself.
    </Empty>
  );
}

function None() {
  const may = useMay("blueprint:write");
  return (
    <Empty
      title="No blueprint yet"
      action={
        may && (
          <>
            <Button component={Route} to="/blueprints/new">
              Write the first
            </Button>
            <Button component={Route} to="/templates" variant="default">
              Start from a template
            </Button>
          </>
        )
      }
    >
      A blueprint says what should run: {count(2, "server")}, a database, a network. Describe it in a{" "}
      <Link to="/">conversation</Link>, start from a template, write YAML, or bring a compose file.
    </Empty>
  );
}
