/** Where a blueprint is written: its text, what there is to say of it, and its graph. */
import { Badge, Button, Group, Paper, SimpleGrid, Stack, Text } from "@mantine/core";
import { useDebouncedValue, useHotkeys } from "@mantine/hooks";
import { IconDeviceFloppy } from "@tabler/icons-react";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useNavigate } from "react-router";
import { YamlEditor } from "@/components/editor";
import { BlueprintGraph } from "@/components/graph";
import { ProblemAlert } from "@/components/states";
import { asProblem } from "@/lib/api/problem";
import { changed } from "@/lib/api/queries";
import type { Blueprint, Diagnostic, Validation } from "@/lib/api/schema";
import { count } from "@/lib/format";
import { toldDone } from "@/lib/told";
import { checked, saved, schemaOfBlueprints } from "../calls";
import { Conflict } from "./Conflict";
import { Leaving } from "./Leaving";
import { Problems } from "./Problems";
import { drawable } from "./sources";

const PAUSE_MS = 400;

interface DeskProps {
  /** The blueprint, and the revision that the text was made from; null for a new one. */
  on: { id: number; base: number } | null;
  first: string;
  /** Whether the text is worth asking about as it is. */
  imported: boolean;
}

export function Desk({ on, first, imported }: DeskProps) {
  const go = useNavigate();
  const [text, setText] = useState(first);
  const [base, setBase] = useState(on?.base ?? 0);
  const [kept, setKept] = useState(false);
  const [focus, setFocus] = useState<Diagnostic | null>(null);
  const [settled] = useDebouncedValue(text, PAUSE_MS);
  const schema = useQuery(schemaOfBlueprints());
  const check = useQuery({ ...checked(settled), placeholderData: keepPreviousData });
  const save = useMutation({
    mutationFn: () => saved(text, on === null ? null : { id: on.id, base }),
    onSuccess: ({ id, revision }) => {
      setKept(true);
      changed("/api/v1/blueprints");
      toldDone(`Saved as revision ${revision}.`);
      // Behind the change of state, so that leaving is not asked about.
      setTimeout(() => void go(`/blueprints/${id}`));
    },
  });
  const unsaved = !kept && (text !== first || imported);
  const problem = save.error === null ? null : asProblem(save.error);
  const overtaken = problem !== null && problem.status === 412 && on !== null;
  useHotkeys([["mod+S", () => !save.isPending && !overtaken && save.mutate()]], [], true);
  return (
    <Stack gap="md">
      <Leaving unsaved={unsaved} />
      {overtaken && (
        <Conflict
          id={on.id}
          problem={problem}
          mine={text}
          settle={(next, revision) => {
            setText(next);
            setBase(revision);
            save.reset();
          }}
        />
      )}
      {problem !== null && !overtaken && <ProblemAlert problem={problem} />}
      <Group justify="space-between" gap="sm">
        <Verdict check={check} waiting={settled !== text || check.isFetching} />
        <Group gap="sm">
          <Text size="sm" c="dimmed" visibleFrom="sm">
            Ctrl+Space completes
          </Text>
          <Button
            leftSection={<IconDeviceFloppy size={16} />}
            loading={save.isPending}
            disabled={overtaken || (on !== null && !unsaved)}
            onClick={() => save.mutate()}
          >
            {on === null ? "Save" : `Save as revision ${base + 1}`}
          </Button>
        </Group>
      </Group>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
        <Stack gap="sm" miw={0}>
          <YamlEditor
            label="Blueprint as YAML"
            value={text}
            onChange={setText}
            schema={schema.data ?? null}
            diagnostics={check.data?.diagnostics}
            focusOn={focus}
          />
          {/(^|\s)#/m.test(text) && (
            <Text size="sm" c="dimmed">
              Comments are not kept when a blueprint is saved. What people should know goes into{" "}
              <code>description</code>.
            </Text>
          )}
          <Problems diagnostics={check.data?.diagnostics ?? []} go={(one) => setFocus({ ...one })} />
        </Stack>
        <Preview text={settled} valid={check.data?.valid === true && !check.isPlaceholderData} />
      </SimpleGrid>
    </Stack>
  );
}

interface VerdictProps {
  check: { data: Validation | undefined; error: unknown };
  waiting: boolean;
}

function Verdict({ check: { data, error }, waiting }: VerdictProps) {
  const problem = error === null ? null : asProblem(error);
  const errors = data?.errors?.length ?? 0;
  const remarks = data?.warnings?.length ?? 0;
  return (
    <Group gap="xs" role="status">
      {problem !== null ? (
        <Text size="sm" c="dimmed">
          Not checked: {problem.message}
        </Text>
      ) : data === undefined || waiting ? (
        <Badge variant="light" color="gray" autoContrast>
          checking
        </Badge>
      ) : data.valid ? (
        <Badge variant="light" color="green" autoContrast>
          valid
        </Badge>
      ) : (
        <Badge variant="light" color="red" autoContrast>
          {count(errors, "error")}
        </Badge>
      )}
      {remarks > 0 && (
        <Badge variant="light" color="yellow" autoContrast>
          {count(remarks, "warning")}
        </Badge>
      )}
    </Group>
  );
}

/** The graph of the last text that was valid. */
function Preview({ text, valid }: { text: string; valid: boolean }) {
  const [last, setLast] = useState<string | null>(null);
  if (valid && last !== text) setLast(text);
  const drawn = useMemo(() => (last === null ? null : (drawable(last) as Blueprint | null)), [last]);
  return (
    <Paper withBorder miw={0} style={{ alignSelf: "start" }}>
      {drawn !== null && last !== text && (
        <Text px="sm" pt="xs" size="sm" c="dimmed">
          As of the last text that was valid
        </Text>
      )}
      {drawn === null ? (
        <Text p="md" c="dimmed">
          The graph appears here once the text is valid.
        </Text>
      ) : (
        <BlueprintGraph blueprint={{ name: drawn.name, resources: drawn.resources ?? [] }} height="60vh" />
      )}
    </Paper>
  );
}
