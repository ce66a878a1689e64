/** How a plan differs from the one that was looked at. */
import { Button, List, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { between, type PlanDifference } from "@/components/plan/changes";
import type { ChangeView, PlanView } from "@/lib/api/schema";
import { count, shown, words } from "@/lib/format";

const FEW = 20;

export function Differences({ before, after }: { before: PlanView; after: PlanView }) {
  const [all, setAll] = useState(false);
  const found = between(before, after);
  const revision =
    before.revision === after.revision
      ? null
      : `It is of revision ${after.revision} now, and was of revision ${before.revision}.`;
  return (
    <Stack gap={4} className="wrap-anywhere">
      {revision !== null && <Text size="sm">{revision}</Text>}
      {found.length === 0 ? (
        <Text size="sm">The changes are the same.</Text>
      ) : (
        <List size="sm">
          {(all ? found : found.slice(0, FEW)).map((one) => (
            <List.Item key={one.address}>{told(one)}</List.Item>
          ))}
        </List>
      )}
      {found.length > FEW && !all && (
        <Button variant="default" size="xs" w="fit-content" onClick={() => setAll(true)}>
          Show {count(found.length, "difference")}
        </Button>
      )}
    </Stack>
  );
}

function told({ address, what, before, after }: PlanDifference): string {
  if (what === "gone") return `${address}: nothing is done to it any more (was: ${does(before)})`;
  if (what === "new") return `${address}: ${does(after)}, which was not planned before`;
  const both = before?.action === after?.action ? fieldsBetween(before, after) : "";
  return `${address}: ${does(after)}${both === "" ? ` instead of ${does(before)}` : `, otherwise than before: ${both}`}`;
}

function does(change: ChangeView | null): string {
  return change === null ? "nothing" : words(change.action) + (change.destructive ? ", which destroys" : "");
}

function fieldsBetween(before: ChangeView | null, after: ChangeView | null): string {
  const then = valuesOf(before);
  const now = valuesOf(after);
  return [...new Set([...Object.keys(then), ...Object.keys(now)])]
    .filter((path) => then[path] !== now[path])
    .map(
      (path) => `${path} becomes ${now[path] ?? "what it is"} (was to become ${then[path] ?? "what it is"})`,
    )
    .join("; ");
}

function valuesOf(change: ChangeView | null): Partial<Record<string, string>> {
  if (change === null) return {};
  const wanted = Object.entries(change.wanted).map(([path, value]) => [path, shown(value)] as const);
  const fields = change.fields.map(({ path, after }) => [path, shown(after)] as const);
  return Object.fromEntries([...wanted, ...fields]);
}
