/** All saved states, and what is different between two of them: field by field, or as text. */
import { Button, Group, SegmentedControl, Select, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link as Route, useSearchParams } from "react-router";
import { YamlDiff } from "@/components/editor";
import { type Column, Listing } from "@/components/Listing";
import { Empty, Loaded, ProblemAlert, Waiting } from "@/components/states";
import { When } from "@/components/When";
import { $api } from "@/lib/api/client";
import { byCursor, pagesOf } from "@/lib/api/pages";
import type { BlueprintView, RevisionSummary } from "@/lib/api/schema";
import { useMay } from "@/lib/permissions";
import { yamlOf } from "../calls";
import { Differences } from "./Differences";

export function Revisions({ blueprint }: { blueprint: BlueprintView }) {
  const { id, revision: newest } = blueprint;
  const query = $api.useInfiniteQuery(
    "get",
    "/api/v1/blueprints/{blueprint_id}/revisions",
    { params: { path: { blueprint_id: id }, query: { limit: 100 } } },
    byCursor,
  );
  const [asked, setAsked] = useSearchParams();
  const from = Number(asked.get("from") ?? newest - 1);
  const to = Number(asked.get("to") ?? newest);
  const text = asked.get("as") === "text";
  function ask(values: Record<string, string>) {
    setAsked(
      (before) => {
        for (const [name, value] of Object.entries(values)) before.set(name, value);
        return before;
      },
      { replace: true },
    );
  }
  if (newest === 1)
    return (
      <Empty title="There is one revision">
        It was never changed. Each save makes a further revision, and all of them can be compared here.
      </Empty>
    );
  return (
    <Stack gap="md">
      <Loaded query={query}>
        {() => {
          const saved = pagesOf(query);
          const numbers = saved.items.map(({ revision }) => String(revision));
          return (
            <>
              <Group align="flex-end" gap="sm">
                <Choice
                  label="From revision"
                  value={from}
                  numbers={numbers}
                  choose={(value) => ask({ from: value })}
                />
                <Choice
                  label="To revision"
                  value={to}
                  numbers={numbers}
                  choose={(value) => ask({ to: value })}
                />
                <SegmentedControl
                  aria-label="How to show the difference"
                  data={[
                    { value: "fields", label: "Field by field" },
                    { value: "text", label: "YAML" },
                  ]}
                  value={text ? "text" : "fields"}
                  onChange={(as) => ask({ as })}
                />
              </Group>
              {text ? <Texts id={id} from={from} to={to} /> : <Differences id={id} from={from} to={to} />}
              <Listing
                label="Revisions"
                columns={columns(newest, (revision) =>
                  ask({ from: String(Math.max(revision - 1, 1)), to: String(revision) }),
                )}
                keyOf={({ revision }) => revision}
                {...saved}
              />
            </>
          );
        }}
      </Loaded>
    </Stack>
  );
}

interface ChoiceProps {
  label: string;
  value: number;
  numbers: string[];
  choose: (value: string) => void;
}

function Choice({ label, value, numbers, choose }: ChoiceProps) {
  return (
    <Select
      label={label}
      w={140}
      data={numbers}
      value={String(value)}
      onChange={(next) => choose(next ?? String(value))}
      allowDeselect={false}
      searchable={numbers.length > 12}
    />
  );
}

function columns(newest: number, show: (revision: number) => void): Column<RevisionSummary>[] {
  return [
    { title: "Revision", cell: ({ revision }) => (revision === newest ? `${revision} (newest)` : revision) },
    { title: "Name", cell: ({ name }) => name },
    { title: "Saved", cell: ({ created_at }) => <When at={created_at} /> },
    { title: "By", cell: ({ created_by }) => created_by },
    { title: "", cell: (item) => <Ways item={item} newest={newest} show={show} />, right: true },
  ];
}

function Ways({
  item,
  newest,
  show,
}: {
  item: RevisionSummary;
  newest: number;
  show: (revision: number) => void;
}) {
  const may = useMay("blueprint:write");
  const { id, revision } = item;
  return (
    <Group gap="xs" justify="flex-end" wrap="nowrap">
      {revision > 1 && (
        <Button
          size="compact-sm"
          variant="subtle"
          aria-label={`What revision ${revision} changed`}
          onClick={() => show(revision)}
        >
          What it changed
        </Button>
      )}
      {may && revision !== newest && (
        <Button
          size="compact-sm"
          variant="subtle"
          component={Route}
          to={`/blueprints/${id}/edit?revision=${revision}`}
          aria-label={`Go back to revision ${revision}`}
        >
          Go back to it
        </Button>
      )}
    </Group>
  );
}

function Texts({ id, from, to }: { id: number; from: number; to: number }) {
  const before = useQuery(yamlOf(id, from));
  const after = useQuery(yamlOf(id, to));
  const problem = before.error ?? after.error;
  if (problem !== null) return <ProblemAlert problem={problem} />;
  if (before.data === undefined || after.data === undefined) return <Waiting />;
  return (
    <YamlDiff
      label={`YAML from revision ${from} to revision ${to}`}
      before={before.data.text}
      after={after.data.text}
    />
  );
}
