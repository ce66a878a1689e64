import { Group, Stack, Text } from "@mantine/core";
import { IconCircleCheck, IconCircleDashed, IconHandStop } from "@tabler/icons-react";
import type { ApprovalsView, NeedView } from "@/lib/api/schema";
import { count } from "@/lib/format";

/** Who has to agree, who has, and who is still missing. */
export function Approvals({ approvals }: { approvals: ApprovalsView }) {
  const { needs, held_by, complete, missing } = approvals;
  return (
    <Stack gap={6} component="section" aria-label="Approvals">
      {needs.map((need) => (
        <Need key={JSON.stringify(need)} need={need} />
      ))}
      {held_by.map((name) => (
        <Group key={name} gap={6} wrap="nowrap" align="flex-start">
          <IconHandStop size={18} aria-hidden style={{ flexShrink: 0 }} />
          <Text size="sm" className="wrap-anywhere">
            {name} asked for changes and holds it
          </Text>
        </Group>
      ))}
      {!complete && missing !== "" && needs.length !== 1 && (
        <Text size="sm" c="dimmed" className="wrap-anywhere">
          It needs {missing}.
        </Text>
      )}
    </Stack>
  );
}

function Need({ need }: { need: NeedView }) {
  const { approvals, approvers, given_by, missing, engine, environment } = need;
  const Icon = missing === 0 ? IconCircleCheck : IconCircleDashed;
  const why = [engine, environment].filter(Boolean).join(", ");
  return (
    <Group gap={6} wrap="nowrap" align="flex-start">
      <Icon
        size={18}
        aria-hidden
        style={{ flexShrink: 0 }}
        color={missing === 0 ? "var(--mantine-color-green-8)" : "var(--mantine-color-dimmed)"}
      />
      <Text size="sm" className="wrap-anywhere">
        {count(approvals, "approval")}
        {approvers.length > 0 && ` of ${approvers.join(", ")}`}
        {why !== "" && ` (${why})`}
        {": "}
        {given_by.length > 0 ? `given by ${given_by.join(", ")}` : "none given"}
        {missing > 0 && given_by.length > 0 && `, ${missing} missing`}
      </Text>
    </Group>
  );
}
