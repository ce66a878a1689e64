import { Accordion, Badge, Group, Stack, Text } from "@mantine/core";
import type { ChangeView } from "@/lib/api/schema";
import { words } from "@/lib/format";
import { ACTION_COLORS, changeId } from "./changes";
import { Fields, Wanted } from "./Fields";

/** One change: a line, and all of it once it is opened. */
export function ChangeItem({ change, opened }: { change: ChangeView; opened: boolean }) {
  const { address, type, action, implied, destructive, reboots, fields } = change;
  const lost = change.support.filter(({ level }) => level !== "equal");
  return (
    <Accordion.Item value={address} id={changeId(address)} style={{ scrollMarginTop: 72 }}>
      <Accordion.Control>
        <Group gap="xs">
          <Badge color={ACTION_COLORS[action]} variant="light" autoContrast miw={76}>
            {words(action)}
          </Badge>
          <Text fw={600} className="wrap-anywhere" miw={0}>
            {address}
          </Text>
          <Text c="dimmed" size="sm">
            {words(type)}
            {implied ? ", implied" : ""}
          </Text>
          {destructive && (
            <Badge color="red" variant="filled" autoContrast>
              destroys
            </Badge>
          )}
          {reboots && (
            <Badge color="orange" variant="filled" autoContrast>
              restarts
            </Badge>
          )}
          {fields.some(({ drift }) => drift) && (
            <Badge color="grape" variant="light" autoContrast>
              changed by hand
            </Badge>
          )}
          {lost.length > 0 && (
            <Badge color="yellow" variant="light" autoContrast>
              {lost.length} not exactly
            </Badge>
          )}
        </Group>
      </Accordion.Control>
      <Accordion.Panel>{opened && <Details change={change} />}</Accordion.Panel>
    </Accordion.Item>
  );
}

function Details({ change }: { change: ChangeView }) {
  const { reason, fields, wanted, support, placement, after } = change;
  const site = Object.entries(placement?.site ?? {});
  return (
    <Stack gap="xs" className="wrap-anywhere">
      <Text size="sm">Why: {reason}.</Text>
      {fields.length > 0 && <Fields fields={fields} />}
      {fields.length === 0 && Object.keys(wanted).length > 0 && <Wanted wanted={wanted} />}
      {placement && (site.length > 0 || placement.reason !== "") && (
        <Text size="sm">
          Where:{" "}
          {[site.map(([key, value]) => `${key} ${value}`).join(", "), placement.reason]
            .filter(Boolean)
            .join(": ")}
        </Text>
      )}
      {after.length > 0 && <Text size="sm">After: {after.join(", ")}</Text>}
      {support
        .filter(({ level }) => level !== "equal")
        .map(({ path, level, reason: why }) => (
          <Text key={path} size="sm">
            <Badge size="sm" color={level === "unsupported" ? "red" : "yellow"} variant="light" autoContrast>
              {level}
            </Badge>{" "}
            {path}: {why}
          </Text>
        ))}
    </Stack>
  );
}
