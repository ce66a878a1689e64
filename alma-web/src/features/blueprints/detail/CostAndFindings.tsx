/** What a month costs, and what the rules say of it. */
import { Alert, Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Findings, ofRules } from "@/components/Findings";
import { PriceOf } from "@/components/pricing/PriceOf";
import { Loaded } from "@/components/states";
import { api } from "@/lib/api/client";
import type { BlueprintView, CheckResult } from "@/lib/api/schema";
import { count } from "@/lib/format";

export function CostAndFindings({ blueprint: { id, revision } }: { blueprint: BlueprintView }) {
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
      <Paper withBorder p="md" miw={0}>
        <Stack gap="sm">
          <Title order={2} size="h4">
            Cost
          </Title>
          <PriceOf of={{ id, revision }} />
        </Stack>
      </Paper>
      <Paper withBorder p="md" miw={0}>
        <Stack gap="sm">
          <Title order={2} size="h4">
            Findings
          </Title>
          <Rules id={id} revision={revision} />
        </Stack>
      </Paper>
    </SimpleGrid>
  );
}

function Rules({ id, revision }: { id: number; revision: number }) {
  const check = useQuery({
    queryKey: ["post", "/api/v1/policies/check", id, revision],
    queryFn: async ({ signal }) => {
      const { data } = await api.POST("/api/v1/policies/check", { body: { blueprint_id: id }, signal });
      return data as CheckResult;
    },
    staleTime: 60_000,
  });
  return (
    <Loaded query={check}>
      {({ score, blocked, findings = [], left_out = {} }) => {
        const hidden = Object.entries(left_out).filter(([, number]) => number > 0);
        return (
          <Stack gap="sm">
            <Group gap="xs" align="baseline">
              <Text size="xl" fw={700}>
                {score.value} of 10
              </Text>
              <Text size="sm" c="dimmed">
                {score.formula}
              </Text>
            </Group>
            {blocked && <Alert color="red" title="A mandatory rule is broken, and nobody answers for it" />}
            <Findings
              findings={ofRules(findings.filter(({ result }) => result === "fail"))}
              none="No rule is broken."
            />
            {hidden.map(([result, number]) => (
              <Text key={result} size="sm" c="dimmed">
                {count(number, "more finding")}: {result}
              </Text>
            ))}
          </Stack>
        );
      }}
    </Loaded>
  );
}
