/** What the council says it would cost a month, how much more that is than before, and what it is made of. */
import { Group, Stack, Text } from "@mantine/core";
import type { CouncilReport } from "@/lib/api/schema";
import { money } from "@/lib/format";
import { CostTable } from "../CostTable";

export function CostOf({ report }: { report: CouncilReport }) {
  const { estimate, delta, compared_with, lines_left_out } = report;
  if (!estimate) return <Text c="dimmed">The cost could not be computed: see what was not examined.</Text>;
  return (
    <>
      <Group gap="xl" align="baseline">
        <Stack gap={0}>
          <Text size="xs" c="dimmed">
            A month, as planned
          </Text>
          <Text size="xl" fw={700}>
            {money(estimate.monthly ?? 0, estimate.currency)}
          </Text>
        </Stack>
        {typeof delta === "number" && (
          <Stack gap={0}>
            <Text size="xs" c="dimmed">
              Against {compared_with ?? "before"}
            </Text>
            <Text size="xl" fw={700} c={delta > 0 ? "var(--mantine-color-orange-light-color)" : undefined}>
              {delta > 0 ? "+" : ""}
              {money(delta, estimate.currency)}
            </Text>
          </Stack>
        )}
      </Group>
      {(estimate.lines ?? []).length > 0 ? (
        <CostTable estimate={estimate} leftOut={lines_left_out} />
      ) : (
        <Remarks estimate={estimate} />
      )}
    </>
  );
}

/** Without lines: nothing of it has a price, or the report is older than they are. */
function Remarks({ estimate }: { estimate: NonNullable<CouncilReport["estimate"]> }) {
  const { basis, book, assumptions = [], uncounted = [], unpriced = [] } = estimate;
  return (
    <Stack gap={2}>
      {[[basis, book].filter(Boolean).join(" · "), ...assumptions].filter(Boolean).map((text) => (
        <Text key={text} size="sm" c="dimmed">
          {text}
        </Text>
      ))}
      {[...uncounted, ...unpriced].map((text) => (
        <Text key={text} size="sm">
          Not counted: {text}
        </Text>
      ))}
    </Stack>
  );
}
