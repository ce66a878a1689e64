/** What a reviewer must not miss of a plan: what is destroyed, what restarts, what keeps it from running. */
import { Alert, Badge, Group, List, Stack, Text } from "@mantine/core";
import { IconAlertOctagon, IconAlertTriangle, IconRefreshAlert } from "@tabler/icons-react";
import type { Action, Diagnostic, PlanView } from "@/lib/api/schema";
import { count, words } from "@/lib/format";
import { ACTION_COLORS } from "./changes";

const NAMED = 12;

/** Names, so many that they can be read. */
function named(names: readonly string[]): string {
  const more = names.length - NAMED;
  return names.slice(0, NAMED).join(", ") + (more > 0 ? ` and ${count(more, "other")}` : "");
}

export function PlanDangers({ plan }: { plan: PlanView }) {
  const reboots = plan.changes.filter(({ reboots }) => reboots).map(({ address }) => address);
  const struck = Object.entries(plan.blast_radius).filter(([, dependants]) => dependants.length > 0);
  return (
    <>
      {plan.destructive.length > 0 && (
        <Alert
          role="note"
          color="red"
          variant="filled"
          icon={<IconAlertOctagon aria-hidden />}
          title={`Data or a running service goes away: ${count(plan.destructive.length, "resource")}`}
          className="wrap-anywhere"
        >
          {named(plan.destructive)}
        </Alert>
      )}
      {reboots.length > 0 && (
        <Alert
          role="note"
          color="orange"
          icon={<IconRefreshAlert aria-hidden />}
          title={`Restarts: ${count(reboots.length, "resource")}`}
          className="wrap-anywhere"
        >
          {named(reboots)}
        </Alert>
      )}
      {struck.length > 0 && (
        <Alert
          role="note"
          color="orange"
          icon={<IconAlertTriangle aria-hidden />}
          title="Others are without it meanwhile"
        >
          <List size="sm" className="wrap-anywhere">
            {struck.slice(0, NAMED).map(([address, dependants]) => (
              <List.Item key={address}>
                While {address} is down: {named(dependants)}
              </List.Item>
            ))}
            {struck.length > NAMED && <List.Item>and {count(struck.length - NAMED, "other")}</List.Item>}
          </List>
        </Alert>
      )}
    </>
  );
}

export function PlanActions({ plan }: { plan: Pick<PlanView, "summary"> }) {
  // What stays as it is, is said where the changes end.
  const some = Object.entries(plan.summary).filter(([action, number]) => number > 0 && action !== "no-op");
  if (some.length === 0) return null;
  return (
    <Group gap="xs">
      {some.map(([action, number]) => (
        <Badge key={action} color={ACTION_COLORS[action as Action]} variant="light" autoContrast>
          {number} {words(action)}
        </Badge>
      ))}
    </Group>
  );
}

export function PlanRemarks({ diagnostics }: { diagnostics: readonly Diagnostic[] }) {
  if (diagnostics.length === 0) return null;
  return (
    <Stack gap="xs">
      {diagnostics.map(({ code, path, message, hint, severity }) => (
        <Alert
          role="note"
          key={`${code} ${path ?? ""} ${message}`}
          color={severity === "error" ? "red" : "yellow"}
          title={message}
          className="wrap-anywhere"
        >
          <Text size="sm">{[path, hint].filter(Boolean).join(" — ")}</Text>
        </Alert>
      ))}
    </Stack>
  );
}
