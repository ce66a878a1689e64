/** What the draft costs a month. The sum comes with the answer, the lines are computed for the draft when one looks. */
import { Badge, Group, Stack, Text } from "@mantine/core";
import { CostTable } from "@/components/CostTable";
import { Loaded } from "@/components/states";
import { $api } from "@/lib/api/client";
import type { Blueprint, Estimate } from "@/lib/api/schema";
import { money } from "@/lib/format";
import { useMay } from "@/lib/permissions";
import type { Answer } from "./turns";

/** The book of one's own machines: the one that the answers' sums are from. */
const OWN = ["proxmox"];

export interface Sum {
  monthly: number;
  currency: string;
  basis: string;
  limit: number | null;
  within: boolean;
}

/** The figures of an answer's cost, as far as they are figures. */
export function sumOf(cost: Answer["cost"]): Sum | null {
  if (typeof cost?.monthly !== "number") return null;
  return {
    monthly: cost.monthly,
    currency: typeof cost.currency === "string" ? cost.currency : "USD",
    basis: typeof cost.basis === "string" ? cost.basis : "",
    limit: typeof cost.limit === "number" ? cost.limit : null,
    within: cost.within_limit !== false,
  };
}

export function Cost({ blueprint, cost }: { blueprint: Blueprint; cost: Answer["cost"] }) {
  const may = useMay("tool:run");
  const sum = sumOf(cost);
  if (sum === null) return <Text c="dimmed">There is nothing to pay for yet.</Text>;
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <Text fw={600}>{money(sum.monthly, sum.currency)} a month</Text>
        {sum.limit !== null && (
          <Badge color={sum.within ? "green" : "red"} variant="light" autoContrast tt="none">
            limit {money(sum.limit, sum.currency)}
          </Badge>
        )}
        <Text size="sm" c="dimmed">
          {sum.basis}
        </Text>
      </Group>
      {may && <Lines blueprint={blueprint} />}
    </Stack>
  );
}

function Lines({ blueprint }: { blueprint: Blueprint }) {
  const query = $api.useQuery(
    "post",
    "/api/v1/tools/execute-direct",
    { body: { tool_name: "estimate_resources", arguments: { blueprint: { ...blueprint }, provider: OWN } } },
    { staleTime: Infinity },
  );
  return (
    <Loaded query={query}>
      {({ result, error }) => {
        const estimate = estimateIn(result);
        if (estimate !== null) return <CostTable estimate={estimate} />;
        return (
          <Text size="sm" c="dimmed">
            There are no lines of this sum{error === null || error === undefined ? "" : `: ${error}`}.
          </Text>
        );
      }}
    </Loaded>
  );
}

function estimateIn(result: unknown): Estimate | null {
  if (typeof result !== "object" || result === null || !("costs" in result)) return null;
  const { costs } = result;
  return Array.isArray(costs) && costs.length > 0 ? (costs[0] as Estimate) : null;
}
