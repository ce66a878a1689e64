import { Badge, Group, Stack, Text } from "@mantine/core";
import { StateBadge } from "@/components/StateBadge";
import { When } from "@/components/When";
import type { IprView } from "@/lib/api/schema";
import { isOfPlanAtHand } from "./decisions";
import { Section } from "./Section";

/** What people said, and whether they said it of this plan. */
export function Reviews({ ipr }: { ipr: IprView }) {
  return (
    <Section title="Reviews">
      {ipr.reviews.length === 0 && <Text c="dimmed">Nobody has reviewed it yet.</Text>}
      <Stack gap="sm" component="ol" p={0} m={0} style={{ listStyle: "none" }}>
        {ipr.reviews.map(({ principal, display, action, comments, created_at, self_review, ...review }) => (
          <li key={`${principal} ${created_at}`}>
            <Group gap="xs">
              <StateBadge state={action} />
              <Text fw={600} size="sm" className="wrap-anywhere">
                {principal}
                {display ? ` (${display})` : ""}
              </Text>
              <Text size="sm" c="dimmed">
                <When at={created_at} />
              </Text>
              {self_review && (
                <Badge color="yellow" variant="light" autoContrast>
                  own request
                </Badge>
              )}
              {!isOfPlanAtHand(review, ipr) && (
                <Badge color="gray" variant="light" autoContrast>
                  of an earlier plan
                </Badge>
              )}
            </Group>
            {comments !== "" && comments !== undefined && (
              <Text size="sm" className="wrap-anywhere" style={{ whiteSpace: "pre-wrap" }}>
                {comments}
              </Text>
            )}
          </li>
        ))}
      </Stack>
    </Section>
  );
}
