import { Anchor, List, Paper, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Loaded } from "@/components/states";
import { useCaller } from "@/lib/permissions";
import { healthReport } from "../models/healthReport";

export default function AboutSection() {
  const caller = useCaller();
  const query = useQuery({
    queryKey: ["get", "/api/v1/monitoring/health/detailed", "about"],
    queryFn: healthReport,
  });
  return (
    <Stack gap="lg">
      <Paper withBorder p="md" component="section" aria-label="Version">
        <Title order={2} size="h4">
          ALMA
        </Title>
        <Loaded query={query}>{({ version }) => <Text>Version {version}</Text>}</Loaded>
        <Text size="sm" c="dimmed" className="wrap-anywhere">
          You are {caller.display ?? caller.id}, in the project {caller.project}.
        </Text>
      </Paper>
      <section aria-label="For programs">
        <Title order={2} size="h4" mb="xs">
          For programs
        </Title>
        <List spacing="xs">
          <List.Item>
            <Anchor href="/docs">The HTTP API</Anchor>: every call with its fields, to read and to try
          </List.Item>
          <List.Item>
            <Anchor href="/openapi.json">Its OpenAPI document</Anchor>, to make clients from
          </List.Item>
          <List.Item>
            GraphQL answers at <code>/graphql</code>
          </List.Item>
          <List.Item>
            The same on the command line: <code>alma --help</code>
          </List.Item>
        </List>
      </section>
      <section aria-label="Licence">
        <Title order={2} size="h4" mb="xs">
          Licence
        </Title>
        <Text size="sm">
          ALMA is free under the MIT licence. What it is built with keeps its own licences, which are named in
          the files LICENSE and NOTICE beside its source.{" "}
          <Anchor href="/licences.txt" inherit>
            What this dashboard is built with, and under which licences
          </Anchor>
          .
        </Text>
      </section>
    </Stack>
  );
}
