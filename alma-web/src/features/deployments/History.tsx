/** The runs of the same stack, newest first. */
import { Stack, Title } from "@mantine/core";
import { Link } from "@/components/Link";
import { Listing } from "@/components/Listing";
import { StateBadge } from "@/components/StateBadge";
import { Loaded } from "@/components/states";
import { When } from "@/components/When";
import type { PageDeploymentSummary } from "@/lib/api/schema";

interface HistoryProps {
  query: {
    data: PageDeploymentSummary | undefined;
    error: unknown;
    isPending: boolean;
    refetch: () => unknown;
  };
  current: string;
  stack: string;
}

export function History({ query, current, stack }: HistoryProps) {
  if (query.data !== undefined && query.data.total < 2) return null;
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        History of this stack
      </Title>
      <Loaded query={query}>
        {({ items, total }) => (
          <>
            <Listing
              label="Deployments of this stack"
              items={items}
              keyOf={({ id }) => id}
              columns={[
                {
                  title: "When",
                  cell: ({ id, created_at }) =>
                    id === current ? (
                      <b>this one</b>
                    ) : (
                      <Link to={`/deployments/${id}`}>
                        <When at={created_at} />
                      </Link>
                    ),
                },
                { title: "State", cell: ({ status }) => <StateBadge state={status} /> },
                {
                  title: "What",
                  cell: ({ kind, revision }) => (kind === "destroy" ? "removal" : `revision ${revision}`),
                },
                { title: "Request", cell: ({ ipr_id }) => <Link to={`/iprs/${ipr_id}`}>#{ipr_id}</Link> },
                { title: "Started by", cell: ({ started_by }) => started_by },
              ]}
            />
            {total > items.length && (
              <Link to={`/deployments?stack=${encodeURIComponent(stack)}`}>All {total} of them</Link>
            )}
          </>
        )}
      </Loaded>
    </Stack>
  );
}
