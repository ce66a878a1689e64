import { Alert, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { Listing } from "@/components/Listing";
import { Loaded } from "@/components/states";
import { $api } from "@/lib/api/client";
import { every } from "@/lib/api/queries";
import { count, words } from "@/lib/format";

/** What callers may ask, and who was refused. */
export function Limits() {
  const stats = $api.useQuery(
    "get",
    "/api/v1/monitoring/rate-limit/stats",
    {},
    { refetchInterval: every(10) },
  );
  return (
    <section aria-label="Rate limits">
      <Title order={2} size="h4" mb="xs">
        Rate limits
      </Title>
      <Loaded query={stats}>
        {({
          enabled,
          limits = {},
          clients = 0,
          counted = 0,
          refused = 0,
          refused_by_endpoint = {},
          store,
          degraded,
        }) =>
          !enabled ? (
            <Text c="dimmed">Requests are not limited here: ALMA_RATE_LIMIT_ENABLED is off.</Text>
          ) : (
            <Stack gap="sm">
              {degraded && (
                <Alert color="yellow" title="Redis does not answer">
                  Each process counts by itself until it does.
                </Alert>
              )}
              <Text size="sm">
                {count(clients, "client")} in the last minute. Since this server began,{" "}
                {count(counted, "request")} counted against a limit,{" "}
                {refused === 0 ? "none" : refused.toLocaleString("en-US")} refused
                {store ? `; kept in ${store}` : ""}.
              </Text>
              <SimpleGrid cols={{ base: 1, md: 2 }}>
                <Listing
                  label="Limits"
                  items={Object.entries(limits)}
                  keyOf={([name]) => name}
                  columns={[
                    { title: "Of", cell: ([name]) => words(name) },
                    { title: "A minute", right: true, cell: ([, limit]) => limit.per_minute },
                    { title: "At once", right: true, cell: ([, limit]) => limit.burst },
                  ]}
                />
                {refused > 0 && (
                  <Listing
                    label="Refusals by endpoint"
                    items={Object.entries(refused_by_endpoint)}
                    keyOf={([name]) => name}
                    columns={[
                      { title: "Endpoint", cell: ([name]) => name },
                      { title: "Refused", right: true, cell: ([, number]) => number },
                    ]}
                  />
                )}
              </SimpleGrid>
            </Stack>
          )
        }
      </Loaded>
    </section>
  );
}
