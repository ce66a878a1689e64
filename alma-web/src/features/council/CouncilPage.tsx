/** The three who look at plans: who they are, and what they say when they are asked. */
import { Badge, Card, Grid, Group, List, Stack, Text, Title } from "@mantine/core";
import { CostOf } from "@/components/council/CostOf";
import { Verdicts } from "@/components/council/Verdicts";
import { Findings, ofCouncil } from "@/components/Findings";
import { Page } from "@/components/Page";
import { StateBadge } from "@/components/StateBadge";
import { Loaded, ProblemAlert, Waiting } from "@/components/states";
import { $api } from "@/lib/api/client";
import type { CouncilInfo, CouncilView } from "@/lib/api/schema";
import { count, words } from "@/lib/format";
import { Convene } from "./Convene";

export default function CouncilPage() {
  const convene = $api.useMutation("post", "/api/v1/council/convene");
  const info = $api.useQuery("get", "/api/v1/council", {}, { staleTime: Infinity });
  return (
    <Page
      title="Council"
      about="Architect, SecOps and FinOps look at every request before people do. Ask them about anything else here."
    >
      <Card withBorder padding="md">
        <Convene asking={convene.isPending} onCall={(body) => convene.mutate({ body })} />
      </Card>
      <div aria-live="polite">
        {convene.isPending && <Waiting lines={6} />}
        {convene.error !== null && <ProblemAlert problem={convene.error} />}
        {convene.data !== undefined && <Report view={convene.data} />}
      </div>
      {convene.data === undefined && !convene.isPending && (
        <Loaded query={info}>{(told) => <Seats info={told} />}</Loaded>
      )}
    </Page>
  );
}

function Report({ view }: { view: CouncilView }) {
  const { findings = [], omitted = 0 } = view;
  return (
    <Stack gap="md">
      <Card withBorder padding="md" component="section" aria-label="Verdict">
        <Stack gap="sm">
          <Title order={2} size="h4" className="wrap-anywhere">
            {view.blueprint_name || "Verdict"}
          </Title>
          <Text className="wrap-anywhere">{view.summary}</Text>
          <Verdicts report={view} />
        </Stack>
      </Card>
      <Card withBorder padding="md" component="section" aria-label="Cost">
        <Stack gap="sm">
          <Title order={2} size="h4">
            Cost
          </Title>
          <CostOf report={view} />
        </Stack>
      </Card>
      <Card withBorder padding="md" component="section" aria-label="Findings">
        <Stack gap="sm">
          <Group justify="space-between" gap="xs">
            <Title order={2} size="h4">
              Findings
            </Title>
            <Text size="sm">{count(findings.length + omitted, "finding")}</Text>
          </Group>
          <Findings findings={ofCouncil(findings)} />
          {omitted > 0 && (
            <Text size="sm" c="dimmed">
              {count(omitted, "milder finding")} more, left out by the server.
            </Text>
          )}
        </Stack>
      </Card>
    </Stack>
  );
}

function Seats({ info }: { info: CouncilInfo }) {
  return (
    <Stack gap="md">
      <Grid>
        {info.agents.map(({ agent, title, concerns }) => (
          <Grid.Col key={agent} span={{ base: 12, sm: 4 }}>
            <Card withBorder padding="md" h="100%">
              <Text fw={600}>{title}</Text>
              <Text size="sm">{concerns}</Text>
            </Card>
          </Grid.Col>
        ))}
      </Grid>
      <Stack gap="xs">
        <Title order={2} size="h5">
          What findings call for
        </Title>
        <List size="sm" listStyleType="none" spacing={6}>
          <List.Item>
            <Badge color="red" variant="filled">
              block
            </Badge>{" "}
            A mandatory rule is broken that nobody answers for, or the plan can&apos;t run.
          </List.Item>
          {Object.entries(info.calls_for).map(([severity, verdict]) => (
            <List.Item key={severity}>
              <StateBadge state={verdict} /> A finding that is {words(severity)}.
            </List.Item>
          ))}
        </List>
      </Stack>
    </Stack>
  );
}
