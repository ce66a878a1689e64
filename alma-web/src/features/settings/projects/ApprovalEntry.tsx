import { ActionIcon, Group, NumberInput, TagsInput, TextInput } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import type { ApprovalDraft } from "./rules";

interface ApprovalEntryProps {
  entry: ApprovalDraft;
  number: number;
  onChange: (entry: ApprovalDraft) => void;
  onRemove: () => void;
}

/** How many have to approve what lands where. */
export function ApprovalEntry({ entry, number, onChange, onRemove }: ApprovalEntryProps) {
  return (
    <Group role="group" aria-label={`Entry ${number}`} align="flex-end" wrap="wrap" gap="xs">
      <NumberInput
        label="Approvals"
        min={1}
        max={20}
        w={90}
        value={entry.approvals}
        onChange={(approvals) => onChange({ ...entry, approvals: Number(approvals) || 1 })}
      />
      <TextInput
        label="On engine"
        placeholder="any"
        w={140}
        maxLength={64}
        value={entry.engine}
        onChange={(event) => onChange({ ...entry, engine: event.currentTarget.value })}
      />
      <TextInput
        label="In environment"
        placeholder="any"
        w={150}
        maxLength={64}
        value={entry.environment}
        onChange={(event) => onChange({ ...entry, environment: event.currentTarget.value })}
      />
      <TagsInput
        label="Only by"
        placeholder={entry.approvers.length === 0 ? "user:ada, role:security" : undefined}
        flex="1 1 220px"
        value={entry.approvers}
        onChange={(approvers) => onChange({ ...entry, approvers })}
      />
      <ActionIcon
        variant="subtle"
        color="red"
        size="lg"
        aria-label={`Remove entry ${number}`}
        onClick={onRemove}
      >
        <IconTrash size={16} />
      </ActionIcon>
    </Group>
  );
}
