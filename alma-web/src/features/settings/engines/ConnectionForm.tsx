import { Alert, Button, Group, JsonInput, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type SubmitEvent, useState } from "react";
import { ProblemAlert } from "@/components/states";
import { api } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";
import type { ConnectionView } from "@/lib/api/schema";
import { useActing } from "@/components/acting";
import { Forget } from "./Forget";
import { ConnectionField } from "./ConnectionField";
import { fieldsOf, goingAway, settingsOf, type Values, valuesOf } from "./fields";

interface ConnectionFormProps {
  connection: ConnectionView;
  onClose: () => void;
}

export function ConnectionForm(props: ConnectionFormProps) {
  return fieldsOf(props.connection.engine).length > 0 ? <Fields {...props} /> : <AsJson {...props} />;
}

function useSaving({ connection, onClose }: ConnectionFormProps) {
  const acting = useActing();
  async function save(settings: Record<string, unknown>) {
    const fine = await acting.act(
      () =>
        api.PUT("/api/v1/engines/{name}/connection", {
          params: { path: { name: connection.engine } },
          body: settings,
        }),
      `Saved how ${connection.engine} is reached. Check it next.`,
    );
    if (!fine) return;
    changed("/api/v1/engines");
    onClose();
  }
  return { ...acting, save };
}

function Fields(props: ConnectionFormProps) {
  const { connection } = props;
  const fields = fieldsOf(connection.engine);
  const [values, setValues] = useState<Values>(() => valuesOf(fields, connection));
  const [rare, { toggle }] = useDisclosure();
  const { busy, problem, save } = useSaving(props);
  const lost = goingAway(fields, values, connection);
  function send(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    void save(settingsOf(fields, values, connection));
  }
  return (
    <form onSubmit={send} autoComplete="off">
      <Stack>
        {fields
          .filter((field) => rare || field.rare !== true)
          .map((field) => (
            <ConnectionField
              key={field.name}
              field={field}
              value={values[field.name] ?? ""}
              set={connection.secrets?.includes(field.name) ?? false}
              onChange={(value) => setValues((before) => ({ ...before, [field.name]: value }))}
            />
          ))}
        <Button variant="subtle" size="compact-sm" onClick={toggle} aria-expanded={rare} w="fit-content">
          {rare ? "Less" : "Limits and more"}
        </Button>
        {lost.length > 0 && (
          <Alert color="yellow" title="Secrets are not kept by saving">
            {lost.join(", ")}: set now, and not entered again. Nobody can read them, so saving without them
            takes them away.
          </Alert>
        )}
        <Ending problem={problem} busy={busy} {...props} />
      </Stack>
    </form>
  );
}

function Ending({
  problem,
  busy,
  connection,
  onClose,
}: ConnectionFormProps & { problem: unknown; busy: boolean }) {
  return (
    <>
      {problem !== null && <ProblemAlert problem={problem} />}
      <Group justify="space-between">
        <div>{connection.updated_at != null && <Forget engine={connection.engine} onDone={onClose} />}</div>
        <Group>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy}>
            Save
          </Button>
        </Group>
      </Group>
    </>
  );
}

/** Engines of third parties, and settings that are lists: as they are. */
function AsJson(props: ConnectionFormProps) {
  const { connection } = props;
  const [text, setText] = useState(() => JSON.stringify(connection.settings, null, 2));
  const { busy, problem, save } = useSaving(props);
  const found = parsed(text);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (found !== null) void save(found);
      }}
    >
      <Stack>
        <JsonInput
          label="Settings"
          description="The engine's own, as one JSON object. What is left out is not set any more, secrets too."
          value={text}
          onChange={setText}
          autosize
          minRows={6}
          maxRows={20}
          error={found === null ? "This is no JSON object" : undefined}
        />
        <Ending problem={problem} busy={busy} {...props} />
      </Stack>
    </form>
  );
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === "object" && found !== null && !Array.isArray(found)
      ? (found as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
