/** What the rules say of the draft. */
import { Alert, Group, Stack, Text } from "@mantine/core";
import { Findings, ofRules } from "@/components/Findings";
import { Loaded } from "@/components/states";
import { $api } from "@/lib/api/client";
import type { Blueprint } from "@/lib/api/schema";

const MOST = 100;

/** Asked once a draft, whoever shows it. */
export function useFindings(blueprint: Blueprint | null, allowed: boolean) {
  return $api.useQuery(
    "post",
    "/api/v1/policies/check",
    { body: { blueprint: blueprint === null ? {} : { ...blueprint }, limit: MOST } },
    {
      enabled: allowed && blueprint !== null,
      staleTime: 60_000,
      // The findings of the draft before stay until those of the next are there.
      placeholderData: (before) => before,
    },
  );
}

/** How many rules are broken; null as long as it isn't known. */
export function brokenIn(query: ReturnType<typeof useFindings>): number | null {
  if (query.data === undefined) return null;
  return Object.values(query.data.counts ?? {}).reduce((sum, { failed = 0 }) => sum + failed, 0);
}

export function DraftFindings({ query }: { query: ReturnType<typeof useFindings> }) {
  return (
    <Loaded query={query}>
      {({ findings = [], blocked, score, left_out: leftOut = {} }) => {
        const broken = findings.filter(({ result }) => result === "fail");
        const more = leftOut.fail ?? 0;
        return (
          <Stack gap="xs">
            <Group gap="xs">
              <Text size="sm" c="dimmed">
                Score {score.value} of 100
              </Text>
            </Group>
            {blocked && (
              <Alert color="red" p="xs">
                A mandatory rule is broken: a request for this can&apos;t be approved before that is mended or
                waived.
              </Alert>
            )}
            <Findings findings={ofRules(broken)} none="No rule is broken." />
            {more > 0 && (
              <Text size="sm" c="dimmed">
                And {more.toLocaleString("en-US")} more.
              </Text>
            )}
          </Stack>
        );
      }}
    </Loaded>
  );
}
