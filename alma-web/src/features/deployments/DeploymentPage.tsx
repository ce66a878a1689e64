/** One run, live: what each step does, what the log says, how it ended and what can be done then. */
import { Grid, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useMemo, useState } from "react";
import { useParams } from "react-router";
import { BlueprintGraph } from "@/components/graph";
import { Link } from "@/components/Link";
import { Page } from "@/components/Page";
import { StateBadge } from "@/components/StateBadge";
import { ProblemAlert, Waiting } from "@/components/states";
import { When } from "@/components/When";
import { $api } from "@/lib/api/client";
import type { BlueprintView, DeploymentView, Resource } from "@/lib/api/schema";
import { useMay } from "@/lib/permissions";
import { Actions } from "./Actions";
import { History } from "./History";
import { Log } from "./Log";
import { Outcome } from "./Outcome";
import { Checks, Endpoints } from "./Proofs";
import { isEnded, marksOf, resourceOf, secondsOf, tookWords, type Progress } from "./run";
import { Timeline } from "./Timeline";
import { useNow } from "./useNow";
import { useRun, type Run } from "./useRun";

export default function DeploymentPage() {
  const { id = "" } = useParams();
  // Another deployment is another page: nothing of the last one's choices is left.
  return <Deployment key={id} id={id} />;
}

function Deployment({ id }: { id: string }) {
  const query = useRun(id);
  const above = (
    <Link to="/deployments" size="sm">
      Deployments
    </Link>
  );
  if (query.data !== undefined) return <Shown run={query.data} above={above} stale={query.error} />;
  return (
    <Page title="Deployment" above={above}>
      {query.isPending ? (
        <Waiting lines={8} />
      ) : (
        <ProblemAlert problem={query.error} onRetry={() => void query.refetch()} />
      )}
    </Page>
  );
}

function useBlueprint({ blueprint_id, revision }: DeploymentView) {
  const may = useMay("blueprint:read");
  const { data } = $api.useQuery(
    "get",
    "/api/v1/blueprints/{blueprint_id}/revisions/{number}",
    { params: { path: { blueprint_id, number: revision } } },
    { enabled: may, staleTime: Infinity },
  );
  // It could be asked for as YAML, too, so its type says less than what comes.
  return data as BlueprintView | null | undefined;
}

const NONE: readonly Resource[] = [];

function Shown({ run, above, stale }: { run: Run; above: React.ReactNode; stale: unknown }) {
  const { read, state, progress, lines, ended } = run;
  const [chosen, setChosen] = useState<string | null>(null);
  const blueprint = useBlueprint(read);
  const history = $api.useQuery("get", "/api/v1/deployments", {
    params: { query: { stack_id: read.stack_id, limit: 20 } },
  });
  const resources = blueprint?.resources ?? NONE;
  const marks = useMemo(() => marksOf(resources, progress), [resources, progress]);
  const addresses = useMemo(() => progress.map(({ address }) => address), [progress]);
  const only = useMemo(() => instancesOf(chosen, resources, progress), [chosen, resources, progress]);
  return (
    <Page
      title={`${read.kind === "destroy" ? "Removal" : "Deployment"} of ${read.stack}`}
      about={<About read={read} state={state} />}
      above={above}
      actions={<Actions run={run} history={history.data?.items ?? []} />}
    >
      {stale !== null && stale !== undefined && <ProblemAlert problem={stale} />}
      <Outcome run={run} />
      <Grid gap="md">
        <Grid.Col span={{ base: 12, lg: resources.length > 0 ? 6 : 12 }}>
          <Paper withBorder p="sm" h="100%">
            <Title order={2} size="h4" mb="xs">
              Steps
            </Title>
            <Timeline run={read} progress={progress} chosen={chosen} onChoose={setChosen} />
          </Paper>
        </Grid.Col>
        {blueprint && resources.length > 0 && (
          <Grid.Col span={{ base: 12, lg: 6 }}>
            <Paper withBorder h="100%" mih={320}>
              <BlueprintGraph
                blueprint={blueprint}
                marks={marks}
                selected={chosen === null ? null : resourceOf(chosen, resources)}
                onSelect={setChosen}
                height="100%"
              />
            </Paper>
          </Grid.Col>
        )}
      </Grid>
      <Log
        lines={lines}
        ended={ended}
        only={only}
        addresses={addresses}
        chosen={chosen}
        onChoose={setChosen}
      />
      <Endpoints endpoints={read.endpoints} />
      <Checks checks={read.checks} />
      <History query={history} current={read.id} stack={read.stack_id} />
    </Page>
  );
}

/** A resource stands for all its instances, an instance for itself. */
function instancesOf(
  chosen: string | null,
  resources: readonly Resource[],
  progress: readonly Progress[],
): ReadonlySet<string> | null {
  if (chosen === null) return null;
  const resource = resources.find(({ name }) => name === chosen);
  if (resource === undefined || (resource.count ?? 1) === 1) return new Set([chosen]);
  return new Set(
    progress.flatMap(({ address }) => (resourceOf(address, resources) === chosen ? [address] : [])),
  );
}

function About({ read, state }: { read: DeploymentView; state: Run["state"] }) {
  const now = useNow(!isEnded(state));
  const seconds = secondsOf(read.created_at, read.finished_at, now) ?? 0;
  return (
    <Stack gap={4} mt={4} component="span">
      <Group gap="xs" component="span">
        <StateBadge state={state} />
        <Text span size="sm">
          {tookWords(seconds, read.finished_at === null)}
        </Text>
        <Text span size="sm">
          on {read.engine}, started by {read.started_by} <When at={read.created_at} />
        </Text>
      </Group>
      <Text span size="sm">
        <Link to={`/iprs/${read.ipr_id}`} underline="always">
          Request #{read.ipr_id}
        </Link>{" "}
        ·{" "}
        <Link to={`/blueprints/${read.blueprint_id}`} underline="always">
          blueprint
        </Link>{" "}
        revision {read.revision} ·{" "}
        <Link to={`/infrastructure/${read.stack_id}`} underline="always">
          stack
        </Link>{" "}
        · {read.on_failure === "keep" ? "keeps what it made if it fails" : "undoes what it made if it fails"}
      </Text>
    </Stack>
  );
}
