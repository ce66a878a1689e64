import { Text, Tooltip } from "@mantine/core";
import { useInterval } from "@mantine/hooks";
import { useState } from "react";
import { ago, dateTime } from "@/lib/format";

/** A moment as the time since then, and exactly on hover. */
export function When({ at }: { at: string }) {
  const [now, setNow] = useState(() => Date.now());
  useInterval(() => setNow(Date.now()), 30_000, { autoInvoke: true });
  return (
    <Tooltip label={dateTime(at)}>
      <Text component="time" dateTime={at} size="sm" inherit>
        {ago(at, now)}
      </Text>
    </Tooltip>
  );
}
