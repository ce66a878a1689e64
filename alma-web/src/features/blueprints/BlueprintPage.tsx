import { Alert, Badge, Group, Stack, Tabs, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { useParams, useSearchParams } from "react-router";
import { YamlEditor } from "@/components/editor";
import { BlueprintGraph } from "@/components/graph";
import { Link } from "@/components/Link";
import { Page } from "@/components/Page";
import { Empty, Loaded, Waiting } from "@/components/states";
import { When } from "@/components/When";
import type { BlueprintView, Diagnostic } from "@/lib/api/schema";
import { count } from "@/lib/format";
import { useMay } from "@/lib/permissions";
import { blueprintOf, yamlOf } from "./calls";
import { Actions } from "./detail/Actions";
import { ResourceDetail } from "./detail/ResourceDetail";

const Revisions = lazy(async () => ({ default: (await import("./detail/Revisions")).Revisions }));
const Plan = lazy(async () => ({ default: (await import("./detail/Plan")).Plan }));
const Parity = lazy(async () => ({ default: (await import("./detail/Parity")).Parity }));
const CostAndFindings = lazy(async () => ({
  default: (await import("./detail/CostAndFindings")).CostAndFindings,
}));

export default function BlueprintPage() {
  const { id = "" } = useParams();
  const query = useQuery(blueprintOf(id));
  const above = (
    <Link to="/blueprints" size="sm">
      All blueprints
    </Link>
  );
  if (query.data === undefined)
    return (
      <Page title="Blueprint" above={above}>
        <Loaded query={query}>{() => null}</Loaded>
      </Page>
    );
  const blueprint = query.data;
  return (
    <Page
      title={blueprint.name}
      above={above}
      about={blueprint.description ?? undefined}
      actions={<Actions blueprint={blueprint} />}
    >
      <Loaded query={query}>{() => <Facts blueprint={blueprint} />}</Loaded>
      <Warnings warnings={blueprint.warnings ?? []} />
      <Sections blueprint={blueprint} />
    </Page>
  );
}

function Facts({
  blueprint: { revision, created_at, created_by, engine, resources },
}: {
  blueprint: BlueprintView;
}) {
  return (
    <Group gap="xs">
      <Badge variant="light" autoContrast tt="none">
        Revision {revision}
      </Badge>
      <Badge variant="default" tt="none">
        {engine ?? "no engine decided"}
      </Badge>
      <Text size="sm" c="dimmed">
        {count(resources?.length ?? 0, "resource")} · saved <When at={created_at} /> by {created_by}
      </Text>
    </Group>
  );
}

function Warnings({ warnings }: { warnings: readonly Diagnostic[] }) {
  if (warnings.length === 0) return null;
  return (
    <Alert color="yellow" title={count(warnings.length, "remark")} className="wrap-anywhere">
      {warnings.slice(0, 20).map(({ path, message, hint }) => (
        <Text size="sm" key={`${path ?? ""} ${message}`}>
          {[path, message, hint].filter(Boolean).join(" — ")}
        </Text>
      ))}
      {warnings.length > 20 && <Text size="sm">and {warnings.length - 20} more</Text>}
    </Alert>
  );
}

function Sections({ blueprint }: { blueprint: BlueprintView }) {
  const [asked, setAsked] = useSearchParams();
  const mayPlan = useMay("plan:make");
  const sections: [string, string, ReactNode][] = [
    ["graph", "Graph", <Drawn key="graph" blueprint={blueprint} />],
    ["yaml", "YAML", <Written key="yaml" blueprint={blueprint} />],
    ["revisions", "Revisions", <Revisions key="revisions" blueprint={blueprint} />],
    ...(mayPlan
      ? ([
          ["plan", "Plan", <Plan key="plan" blueprint={blueprint} />],
          ["parity", "Parity", <Parity key="parity" blueprint={blueprint} />],
        ] as [string, string, ReactNode][])
      : []),
    ["cost", "Cost and findings", <CostAndFindings key="cost" blueprint={blueprint} />],
  ];
  const tab = sections.find(([value]) => value === asked.get("tab"))?.[0] ?? "graph";
  return (
    <Tabs
      value={tab}
      onChange={(next) => setAsked(next === null || next === "graph" ? {} : { tab: next })}
      keepMounted={false}
    >
      <Tabs.List mb="md">
        {sections.map(([value, title]) => (
          <Tabs.Tab key={value} value={value}>
            {title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {sections.map(([value, , content]) => (
        <Tabs.Panel key={value} value={value}>
          <Suspense fallback={<Waiting />}>{content}</Suspense>
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

function Drawn({ blueprint }: { blueprint: BlueprintView }) {
  const [selected, select] = useState<string | null>(null);
  const resource = blueprint.resources?.find(({ name }) => name === selected);
  if ((blueprint.resources ?? []).length === 0)
    return (
      <Empty
        title="It asks for nothing"
        action={<Link to={`/blueprints/${blueprint.id}/edit`}>Edit it</Link>}
      >
        Add what you want to run under <code>resources</code>.
      </Empty>
    );
  return (
    <Stack gap="md">
      <BlueprintGraph blueprint={blueprint} selected={selected} onSelect={select} height="56vh" />
      {resource !== undefined && <ResourceDetail resource={resource} origins={blueprint.origins ?? {}} />}
    </Stack>
  );
}

function Written({ blueprint: { id, revision, name } }: { blueprint: BlueprintView }) {
  const text = useQuery(yamlOf(id, revision));
  return (
    <Loaded query={text}>
      {(found) => <YamlEditor label={`YAML of ${name}`} value={found.text} height="70vh" />}
    </Loaded>
  );
}
