/** What a plan would do, field by field; what can't be undone first. */
import { Stack } from "@mantine/core";
import type { PlanView } from "@/lib/api/schema";
import { PlanChanges } from "./PlanChanges";
import { PlanActions, PlanDangers, PlanRemarks } from "./PlanSummary";

export { Fields } from "./Fields";

export function PlanDiff({ plan }: { plan: PlanView }) {
  return (
    <Stack gap="sm">
      <PlanDangers plan={plan} />
      <PlanActions plan={plan} />
      <PlanRemarks diagnostics={plan.diagnostics} />
      <PlanChanges plan={plan} />
    </Stack>
  );
}
