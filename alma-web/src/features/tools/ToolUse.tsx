/** One tool: its form, and what it says. */
import { Button, Group, Paper, Stack, Text } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { faultsOf } from "@/components/form/check";
import { type Draft, draftOf, readDraft } from "@/components/form/draft";
import { fieldsOf, type JsonSchema } from "@/components/form/fields";
import { idOf } from "@/components/form/FieldInput";
import { SchemaForm } from "@/components/form/SchemaForm";
import { Problem } from "@/lib/api/problem";
import type { ToolView } from "@/lib/api/schema";
import { useMay } from "@/lib/permissions";
import { placed } from "./placing";
import { ResultView } from "./result/ResultView";
import { Running } from "./Running";
import { type Run, useRun } from "./running";

export function ToolUse({ tool, given }: { tool: ToolView; given: Record<string, unknown> }) {
  const may = useMay("tool:run");
  const schema = tool.parameters as JsonSchema;
  const fields = useMemo(() => fieldsOf(schema), [schema]);
  const prominent = useMemo(
    () => new Set(tool.examples.flatMap(({ parameters }) => Object.keys(parameters))),
    [tool.examples],
  );
  const [draft, setDraft] = useState<Draft>(() => draftOf(fields, given));
  const [faults, setFaults] = useState<Record<string, string>>({});
  const { run, start, cancel } = useRun();
  const answered = useRef<HTMLDivElement>(null);
  const refused = run.state === "failed" ? placed(run.problem, fields) : null;
  const shownFaults = refused === null ? faults : { ...refused.faults, ...faults };
  useGoTo(run, answered);

  function execute(): void {
    const { value, faults: unread } = readDraft(fields, draft);
    const found = Object.keys(unread).length > 0 ? unread : faultsOf(schema, value);
    setFaults(found);
    const first = Object.keys(found)[0];
    if (first !== undefined) {
      focusOn(first);
      return;
    }
    start({ tool_name: tool.name, parameters: value });
  }

  return (
    <Stack gap="lg">
      <Paper withBorder p="md">
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            execute();
          }}
        >
          <Stack gap="md">
            {tool.examples.length > 0 && (
              <Group gap="xs">
                <Text size="sm" c="dimmed">
                  Fill in an example:
                </Text>
                {tool.examples.map(({ title, parameters }) => (
                  <Button
                    key={title}
                    size="compact-xs"
                    variant="light"
                    onClick={() => {
                      setDraft(draftOf(fields, parameters));
                      setFaults({});
                    }}
                  >
                    {title.replace(/\.$/, "")}
                  </Button>
                ))}
              </Group>
            )}
            <SchemaForm
              fields={fields}
              draft={draft}
              faults={shownFaults}
              onChange={setDraft}
              prominent={prominent}
            />
            <Group>
              <Button
                type="submit"
                leftSection={<IconPlayerPlay size={16} />}
                loading={run.state === "running"}
                disabled={!may}
              >
                Run
              </Button>
              {!may && (
                <Text size="sm" c="dimmed">
                  It takes the permission tool:run.
                </Text>
              )}
            </Group>
          </Stack>
        </form>
      </Paper>
      <div ref={answered} tabIndex={-1} style={{ outline: "none", scrollMarginTop: 72 }}>
        <Running
          run={refused === null ? run : { state: "failed", problem: refused.rest }}
          onCancel={cancel}
          onRetry={execute}
        />
        {run.state === "done" && run.execution.result !== null && (
          <ResultView
            key={run.execution.timestamp}
            tool={tool.name}
            answer={run.execution.result}
            given={run.asked.parameters ?? {}}
          />
        )}
      </div>
    </Stack>
  );
}

/** The answer may begin below what is seen. */
function useGoTo(run: Run, target: React.RefObject<HTMLDivElement | null>): void {
  const settled = run.state === "done" || (run.state === "failed" && run.problem instanceof Problem);
  useEffect(() => {
    if (settled) target.current?.scrollIntoView({ block: "start" });
  }, [settled, run, target]);
}

function focusOn(place: string): void {
  // After the faults are on the page: a folded field is opened by its fault.
  requestAnimationFrame(() => {
    const input =
      document.getElementById(idOf(place)) ??
      document.querySelector<HTMLElement>(
        `[id^="${CSS.escape(idOf(place))}"] input, [id^="${CSS.escape(idOf(place))}"]`,
      );
    input?.focus();
  });
}
