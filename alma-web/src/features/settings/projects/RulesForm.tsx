import {
  Button,
  Group,
  Input,
  Paper,
  SegmentedControl,
  Stack,
  Switch,
  TagsInput,
  Text,
  Title,
} from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { ProblemAlert } from "@/components/states";
import { $api, api } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";
import type { ProjectView } from "@/lib/api/schema";
import { useCaller } from "@/lib/permissions";
import { useActing } from "@/components/acting";
import { ApprovalEntry } from "./ApprovalEntry";
import { type ApprovalDraft, type Choice, draftOf, type RulesDraft, rulesOf } from "./rules";

/** All rules go at once, on what was read: whoever was quicker is not overwritten. */
export function RulesForm({ project }: { project: ProjectView }) {
  const [draft, setDraft] = useState<RulesDraft>(() => draftOf(project.rules));
  const { busy, problem, act } = useActing();
  const change = (part: Partial<RulesDraft>) => setDraft((before) => ({ ...before, ...part }));
  async function save() {
    const fine = await act(
      () =>
        api.PATCH("/api/v1/projects/{project_id}", {
          params: { path: { project_id: project.id }, header: { "if-match": `"${project.version}"` } },
          body: { rules: rulesOf(draft) },
        }),
      "These rules hold from now on.",
    );
    if (fine) changed("/api/v1/projects", "/api/v1/engines", "/api/v1/iprs");
  }
  return (
    <Paper withBorder p="md" component="section" aria-label="Rules">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Stack>
          <Title order={2} size="h4">
            Rules
          </Title>
          <Approvals draft={draft} change={change} />
          <Decided
            label="May authors approve their own?"
            about="Authors are all who wrote something since the last deployment."
            value={draft.author}
            onChange={(author) => change({ author })}
          />
          <Decided
            label="Does what no rule fits go without an approval?"
            about="Requests that no entry above is about."
            value={draft.auto}
            onChange={(auto) => change({ auto })}
          />
          <Switch
            label="Who approved a request may also start it"
            checked={draft.approverMayDeploy}
            onChange={(event) => change({ approverMayDeploy: event.currentTarget.checked })}
          />
          <Engines draft={draft} change={change} />
          {problem !== null && <ProblemAlert problem={problem} />}
          <Button type="submit" loading={busy} w="fit-content">
            Save the rules
          </Button>
        </Stack>
      </form>
    </Paper>
  );
}

interface PartProps {
  draft: RulesDraft;
  change: (part: Partial<RulesDraft>) => void;
}

function Approvals({ draft: { approvals }, change }: PartProps) {
  const set = (id: number, entry: ApprovalDraft | null) =>
    change({
      approvals: approvals.flatMap((each) => (each.id !== id ? [each] : entry === null ? [] : [entry])),
    });
  const next = Math.max(0, ...approvals.map(({ id }) => id)) + 1;
  return (
    <Stack gap="xs">
      <Text size="sm" fw={500}>
        Approvals
      </Text>
      {approvals.length === 0 && (
        <Text size="sm" c="dimmed">
          No entry: the same holds for every engine and environment.
        </Text>
      )}
      {approvals.map((entry, index) => (
        <ApprovalEntry
          key={entry.id}
          entry={entry}
          number={index + 1}
          onChange={(changedEntry) => set(entry.id, changedEntry)}
          onRemove={() => set(entry.id, null)}
        />
      ))}
      <Button
        variant="default"
        size="xs"
        w="fit-content"
        leftSection={<IconPlus size={14} />}
        onClick={() =>
          change({
            approvals: [...approvals, { id: next, engine: "", environment: "", approvals: 1, approvers: [] }],
          })
        }
      >
        Add an entry
      </Button>
    </Stack>
  );
}

const CHOICES: { value: Choice; label: string }[] = [
  { value: "installation", label: "As the installation says" },
  { value: "yes", label: "Yes" },
  { value: "no", label: "No" },
];

function Decided({
  label,
  about,
  value,
  onChange,
}: {
  label: string;
  about: string;
  value: Choice;
  onChange: (choice: Choice) => void;
}) {
  return (
    <Input.Wrapper label={label} description={about} labelElement="div">
      <Group mt={6}>
        <SegmentedControl
          aria-label={label}
          size="xs"
          data={CHOICES}
          value={value}
          onChange={(choice) => onChange(choice)}
        />
      </Group>
    </Input.Wrapper>
  );
}

/** Only an administrator of the installation opens engines to a project, or closes them. */
function Engines({ draft, change }: PartProps) {
  const { administrator } = useCaller();
  const { data } = $api.useQuery("get", "/api/v1/engines", {}, { enabled: administrator });
  if (!administrator) return null;
  return (
    <Stack gap="xs">
      <Switch
        label="The project may use every engine that it can reach"
        checked={draft.everyEngine}
        onChange={(event) => change({ everyEngine: event.currentTarget.checked })}
      />
      {!draft.everyEngine && (
        <TagsInput
          label="Only these"
          description="Such as docker, proxmox@lab, or proxmox@* for every connection. None closes all of them."
          data={(data?.items ?? []).map(({ engine }) => engine)}
          value={draft.engines}
          onChange={(engines) => change({ engines })}
          clearable
        />
      )}
    </Stack>
  );
}
