import { Badge, Tooltip } from "@mantine/core";
import type { Standing } from "./standing";

const COLORS = { healthy: "green", degraded: "red", unknown: "yellow", nothing: "gray" };

/** How a stack stands, in a word, with the reason on hover and focus. */
export function HealthMark({ standing: { health, words } }: { standing: Standing }) {
  return (
    <Tooltip label={words} multiline maw={420}>
      <Badge
        color={COLORS[health]}
        variant="light"
        autoContrast
        tabIndex={0}
        aria-label={`${health}: ${words}`}
        style={{ flexShrink: 0 }}
      >
        {health === "nothing" ? "nothing there" : health}
      </Badge>
    </Tooltip>
  );
}
