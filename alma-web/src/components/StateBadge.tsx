import { Badge, type MantineColor } from "@mantine/core";
import { words } from "@/lib/format";

/** Colours say the same everywhere: green works, blue goes on, yellow waits for somebody, red needs somebody. */
const COLORS: Record<string, MantineColor> = {
  pending: "yellow",
  approved: "teal",
  rejected: "red",
  deploying: "blue",
  deployed: "green",
  failed: "red",
  cancelled: "gray",
  queued: "yellow",
  running: "blue",
  verifying: "blue",
  rolling_back: "orange",
  rolled_back: "orange",
  succeeded: "green",
  skipped: "gray",
  unknown: "gray",
  stopped: "gray",
  starting: "blue",
  unhealthy: "red",
  present: "green",
  healthy: "green",
  degraded: "yellow",
  approve: "green",
  comment: "blue",
  request_changes: "orange",
  reject: "red",
  block: "red",
  critical: "red",
  high: "orange",
  medium: "yellow",
  low: "gray",
  equal: "green",
  approximated: "yellow",
  unsupported: "red",
  allowed: "green",
  denied: "red",
};

/** The state of something, in words and colour. */
export function StateBadge({ state, color }: { state: string; color?: MantineColor }) {
  return (
    <Badge
      color={color ?? COLORS[state] ?? "gray"}
      variant="light"
      autoContrast
      style={{ flexShrink: 0, minWidth: "max-content" }}
    >
      {words(state)}
    </Badge>
  );
}
