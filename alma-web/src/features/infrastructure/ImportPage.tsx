/** What is on an engine and belongs to no stack: chosen, named, and taken in by a request that changes nothing of it. */
import { Alert, Stack } from "@mantine/core";
import { useState } from "react";
import { useParams } from "react-router";
import { Link } from "@/components/Link";
import { Page } from "@/components/Page";
import { Empty, Loaded } from "@/components/states";
import { $api } from "@/lib/api/client";
import { useMay } from "@/lib/permissions";
import { Candidates } from "./Candidates";
import { ImportForm } from "./ImportForm";

export default function ImportPage() {
  const { engine = "" } = useParams();
  const mayOpen = useMay("ipr:open");
  return (
    <Page
      title={`Import from ${engine}`}
      about="What runs there already, made without ALMA. Importing describes it in a blueprint and marks it as its own; nothing of it is changed."
      above={
        <Link to="/infrastructure" size="sm">
          Infrastructure
        </Link>
      }
    >
      {mayOpen ? (
        <Import key={engine} engine={engine} />
      ) : (
        <Alert color="yellow" title="You may not import here">
          It takes the permission to open requests (ipr:open). Who administers the project can give it.
        </Alert>
      )}
    </Page>
  );
}

function Import({ engine }: { engine: string }) {
  const query = $api.useQuery(
    "get",
    "/api/v1/engines/{name}/discover",
    { params: { path: { name: engine } } },
    // It looks at everything there, and somebody is choosing.
    { refetchOnWindowFocus: false, staleTime: 60_000 },
  );
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map());
  return (
    <Loaded query={query}>
      {({ items }) => {
        if (items.length === 0) {
          return (
            <Empty title="Nothing is there to import" action={<Link to="/infrastructure">Back</Link>}>
              Everything on {engine} belongs to a stack already, or there is nothing.
            </Empty>
          );
        }
        const there = items.filter(({ object_id }) => names.has(object_id));
        return (
          <Stack>
            <Candidates items={items} names={names} onChange={setNames} />
            <ImportForm engine={engine} chosen={there} names={names} />
          </Stack>
        );
      }}
    </Loaded>
  );
}
