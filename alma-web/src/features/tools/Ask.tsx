/** In words: they choose the tools, and say what these are given. */
import { Button, Collapse, Group, Paper, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { BlueprintField } from "@/components/form/BlueprintField";
import { meantOf, readDraft, type Raw } from "@/components/form/draft";
import { type Field, fieldsOf } from "@/components/form/fields";
import type { ToolView } from "@/lib/api/schema";
import { Running } from "./Running";
import { useRun } from "./running";
import { Outcome } from "./Outcome";

const CONTEXT: Field[] = fieldsOf({
  properties: { blueprint: { type: "object" }, blueprint_id: { type: "integer" } },
});

export function Ask({ tools }: { tools: readonly ToolView[] }) {
  const [query, setQuery] = useState("");
  const [about, setAbout] = useState<Raw | undefined>(undefined);
  const [fault, setFault] = useState<string | undefined>(undefined);
  const [opened, setOpened] = useState(false);
  const { run, start, cancel, clear } = useRun();

  function ask(): void {
    const { value, faults } = readDraft(CONTEXT, { blueprint: about });
    setFault(faults.blueprint);
    if (faults.blueprint !== undefined || query.trim() === "") return;
    start({ query, context: value });
  }

  return (
    <Paper withBorder p="md">
      <Stack gap="sm">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            ask();
          }}
        >
          <Group align="flex-end" gap="sm">
            <TextInput
              flex="1 1 280px"
              label="Ask in words"
              description="Several things in one sentence are done one after the other."
              placeholder="estimate it, then cut costs by 30%"
              value={query}
              onChange={({ currentTarget }) => setQuery(currentTarget.value)}
              maxLength={4000}
            />
            <Button type="submit" disabled={query.trim() === ""} loading={run.state === "running"}>
              Ask
            </Button>
          </Group>
        </form>
        <Button
          variant="subtle"
          size="compact-sm"
          style={{ alignSelf: "flex-start" }}
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
        >
          About a blueprint
        </Button>
        <Collapse expanded={opened}>
          <BlueprintField
            id="ask-blueprint"
            label="Blueprint"
            meant={meantOf(about)}
            onChange={setAbout}
            error={fault}
          />
        </Collapse>
        <Running run={run} onCancel={cancel} />
        {run.state === "done" && (
          <Outcome execution={run.execution} tools={tools} given={run.asked.context ?? {}} />
        )}
        {(run.state === "done" || run.state === "failed") && (
          <Group justify="flex-end">
            <Button variant="default" size="xs" onClick={clear}>
              Clear
            </Button>
          </Group>
        )}
        {run.state === "idle" && (
          <Text size="sm" c="dimmed">
            For instance: “is blueprint 5 GDPR compliant?”, “capacity for 50,000 users”, “compare blueprints 3
            and 4”.
          </Text>
        )}
      </Stack>
    </Paper>
  );
}
