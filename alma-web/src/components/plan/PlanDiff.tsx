/** What a plan would do, field by field; what can't be undone first. */
import { Accordion, Alert, Badge, Group, Stack, Table, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { Action, ChangeView, FieldChange, PlanView } from "@/lib/api/schema";
import { count, shown, words } from "@/lib/format";

const COLORS: Record<Action, string> = {
  create: "green",
  update: "blue",
  replace: "orange",
  delete: "red",
  adopt: "teal",
  release: "grape",
  "no-op": "gray",
};

/** What needs the closest look comes first; within that, the order in which it would be done. */
export function byWeight(changes: readonly ChangeView[]): ChangeView[] {
  const weight = ({ destructive, reboots, action }: ChangeView) =>
    destructive ? 0 : reboots ? 1 : action === "no-op" ? 3 : 2;
  return [...changes].sort((a, b) => weight(a) - weight(b));
}

export function PlanDiff({ plan }: { plan: PlanView }) {
  const changes = byWeight(plan.changes.filter(({ action }) => action !== "no-op"));
  const untouched = plan.changes.length - changes.length;
  return (
    <Stack gap="sm">
      <Group gap="xs">
        {Object.entries(plan.summary)
          .filter(([, number]) => number > 0)
          .map(([action, number]) => (
            <Badge key={action} color={COLORS[action as Action]} variant="light" autoContrast>
              {number} {words(action)}
            </Badge>
          ))}
      </Group>
      {plan.destructive.length > 0 && (
        <Alert
          color="red"
          icon={<IconAlertTriangle />}
          title={`${count(plan.destructive.length, "resource")} would be destroyed`}
        >
          <Text className="wrap-anywhere">{plan.destructive.join(", ")}</Text>
        </Alert>
      )}
      {plan.diagnostics.map(({ code, path, message, hint, severity }) => (
        <Alert
          key={`${code} ${path} ${message}`}
          color={severity === "error" ? "red" : "yellow"}
          title={message}
        >
          {[path, hint].filter((part) => part !== null && part !== "").join(" — ")}
        </Alert>
      ))}
      {changes.length === 0 && <Text c="dimmed">Nothing would change: what runs is what is wanted.</Text>}
      <Accordion
        multiple
        variant="separated"
        chevronPosition="left"
        defaultValue={changes.filter(isWeighty).map(({ address }) => address)}
      >
        {changes.map((change) => (
          <Change key={change.address} change={change} />
        ))}
      </Accordion>
      {untouched > 0 && <Text c="dimmed">{count(untouched, "resource")} would stay as they are.</Text>}
    </Stack>
  );
}

function isWeighty({ destructive, reboots }: ChangeView): boolean {
  return destructive || reboots;
}

function Change({ change }: { change: ChangeView }) {
  const { address, type, action, reason, fields, support, destructive, reboots, placement } = change;
  const lost = support.filter(({ level }) => level !== "equal");
  return (
    <Accordion.Item value={address}>
      <Accordion.Control>
        <Group gap="xs">
          <Badge color={COLORS[action]} variant="filled" autoContrast>
            {words(action)}
          </Badge>
          <Text fw={600} className="wrap-anywhere">
            {address}
          </Text>
          <Text c="dimmed" size="sm">
            {words(type)}
          </Text>
          {destructive && <Badge color="red">destroys</Badge>}
          {reboots && <Badge color="orange">restarts</Badge>}
          {lost.length > 0 && <Badge color="yellow">{lost.length} not exactly</Badge>}
        </Group>
      </Accordion.Control>
      <Accordion.Panel>
        <Stack gap="xs">
          <Text size="sm">{reason}</Text>
          {placement && placement.reason !== "" && (
            <Text size="sm">Goes there because {placement.reason}.</Text>
          )}
          {fields.length > 0 && <Fields fields={fields} />}
          {lost.map(({ path, level, reason: why }) => (
            <Text key={path} size="sm">
              <Badge
                size="sm"
                color={level === "unsupported" ? "red" : "yellow"}
                variant="light"
                autoContrast
              >
                {level}
              </Badge>{" "}
              {path}: {why}
            </Text>
          ))}
        </Stack>
      </Accordion.Panel>
    </Accordion.Item>
  );
}

export function Fields({ fields }: { fields: readonly FieldChange[] }) {
  return (
    <Table.ScrollContainer minWidth={420}>
      <Table withTableBorder aria-label="Fields that change">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Field</Table.Th>
            <Table.Th>Now</Table.Th>
            <Table.Th>Then</Table.Th>
            <Table.Th>Takes</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {fields.map(({ path, before, after, effect, drift }) => (
            <Table.Tr key={path}>
              <Table.Td>
                {path} {drift && <Badge size="xs">changed by hand</Badge>}
              </Table.Td>
              <Table.Td c="red.9" className="wrap-anywhere">
                {shown(before)}
              </Table.Td>
              <Table.Td c="green.9" className="wrap-anywhere">
                {shown(after)}
              </Table.Td>
              <Table.Td>{words(effect ?? "in-place")}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
