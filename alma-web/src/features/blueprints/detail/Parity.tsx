/** The same blueprint on every engine, side by side; who can't be asked says why. */
import { Alert, Badge, Group, ScrollArea, Stack, Switch, Table, Text } from "@mantine/core";
import { useQueries } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Empty, Loaded, Waiting } from "@/components/states";
import { StateBadge } from "@/components/StateBadge";
import { $api } from "@/lib/api/client";
import { asProblem } from "@/lib/api/problem";
import type { BlueprintView, EngineView, PlanView } from "@/lib/api/schema";
import { count } from "@/lib/format";
import { planOf } from "../calls";
import { type Cell, parityOf, type Row } from "./parity";

const AT_ONCE = 200;

export function Parity({ blueprint }: { blueprint: BlueprintView }) {
  const engines = $api.useQuery("get", "/api/v1/engines", {}, { staleTime: 30_000 });
  return (
    <Loaded query={engines}>{({ items }) => <SideBySide blueprint={blueprint} engines={items} />}</Loaded>
  );
}

interface Answer {
  engine: EngineView;
  plan: PlanView | undefined;
  error: Error | null;
  isPending: boolean;
}

function SideBySide({ blueprint, engines }: { blueprint: BlueprintView; engines: readonly EngineView[] }) {
  const [all, setAll] = useState(false);
  const answers = useQueries({
    queries: engines.map(({ engine }) => planOf(blueprint, { engine, strategy: null, batch: null })),
    combine: (results) =>
      results.map<Answer | null>(({ data, error, isPending }, index) => {
        const engine = engines[index];
        return engine === undefined ? null : { engine, plan: data, error, isPending };
      }),
  }).filter((answer) => answer !== null);
  const plans = Object.fromEntries(
    answers.flatMap(({ engine, plan }) => (plan === undefined ? [] : [[engine.engine, plan]])),
  );
  const known = Object.keys(plans).join(" ");
  const rows = useMemo(
    () => parityOf(blueprint, plans),
    // Plans are kept by the query client; which there are says when to look again.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [blueprint, known],
  );
  if (answers.length === 0) return <Empty title="There is no engine to ask" />;
  if (known === "" && answers.some(({ isPending }) => isPending)) return <Waiting />;
  const shown = all ? rows : rows.filter(({ differs }) => differs);
  return (
    <Stack gap="md">
      <Group align="stretch" gap="sm">
        {answers.map((answer) => (
          <Verdict key={answer.engine.engine} answer={answer} />
        ))}
      </Group>
      {known !== "" && (
        <Switch
          label={`Also what is equal everywhere (${count(rows.length, "property", "properties")} in all)`}
          checked={all}
          onChange={(event) => setAll(event.currentTarget.checked)}
        />
      )}
      {known !== "" && shown.length === 0 && (
        <Text c="dimmed">Every property is honoured exactly by every engine that could be asked.</Text>
      )}
      {shown.length > 0 && <Rows rows={shown} engines={Object.keys(plans)} />}
    </Stack>
  );
}

function Verdict({ answer: { engine, plan, error } }: { answer: Answer }) {
  const changes = plan?.changes ?? [];
  const levels = changes.flatMap(({ support }) => support.map(({ level }) => level));
  const worst = levels.includes("unsupported")
    ? "unsupported"
    : levels.includes("approximated")
      ? "approximated"
      : "equal";
  const problem = error === null ? null : asProblem(error);
  return (
    <Alert
      color={problem !== null ? "gray" : plan?.blocked ? "red" : "alma"}
      variant="outline"
      flex="1 1 240px"
      title={
        <Group gap="xs">
          <Text fw={600}>{engine.engine}</Text>
          {plan !== undefined &&
            (plan.blocked ? <Badge color="red">can&apos;t run</Badge> : <StateBadge state={worst} />)}
          {problem !== null && <Badge color="gray">not asked</Badge>}
        </Group>
      }
    >
      <Stack gap={4} className="wrap-anywhere">
        {problem !== null && (
          <Text size="sm">
            {problem.message}
            {problem.hint === null ? "" : `: ${problem.hint}`}
          </Text>
        )}
        {plan?.diagnostics
          .filter(({ severity }) => severity !== "info")
          .map(({ code, path, message }) => (
            <Text size="sm" key={`${code} ${path ?? ""} ${message}`}>
              {message}
            </Text>
          ))}
        {plan !== undefined && plan.diagnostics.length === 0 && (
          <Text size="sm" c="dimmed">
            {worst === "equal"
              ? "Everything as the blueprint says."
              : "It could run, with what stands below."}
          </Text>
        )}
      </Stack>
    </Alert>
  );
}

function Rows({ rows, engines }: { rows: readonly Row[]; engines: readonly string[] }) {
  return (
    <ScrollArea type="auto">
      <Table aria-label="Properties by engine" miw={560} verticalSpacing="xs" layout="fixed">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={260}>Property</Table.Th>
            {engines.map((engine) => (
              <Table.Th key={engine}>{engine}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.slice(0, AT_ONCE).map(({ resource, path, cells }) => (
            <Table.Tr key={`${resource} ${path}`}>
              <Table.Td className="wrap-anywhere" valign="top">
                <Text size="sm" fw={600}>
                  {resource}
                </Text>
                <Text size="sm" c="dimmed">
                  {path}
                </Text>
              </Table.Td>
              {engines.map((engine) => (
                <Table.Td key={engine} className="wrap-anywhere" valign="top">
                  <Told cell={cells[engine] ?? null} />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {rows.length > AT_ONCE && (
        <Text size="sm" c="dimmed" ta="center">
          The first {AT_ONCE} of {count(rows.length, "property", "properties")}.
        </Text>
      )}
    </ScrollArea>
  );
}

function Told({ cell }: { cell: Cell | null }) {
  if (cell === null)
    return (
      <Text size="sm" c="dimmed">
        not in its plan
      </Text>
    );
  return (
    <Stack gap={2} align="flex-start">
      <StateBadge state={cell.level} />
      {cell.reason !== "" && <Text size="sm">{cell.reason}</Text>}
    </Stack>
  );
}
