import { Badge, Tooltip } from "@mantine/core";
import { useLiveState } from "@/lib/live";
import { useBreaks } from "@/lib/news";

/** Says when what is live is not: an old picture must not pass for the present. */
export function LiveMark() {
  const state = useLiveState();
  useBreaks();
  if (state !== "waiting") return null;
  return (
    <Tooltip label="The connection for live events was lost. It is being made again, and nothing will be missing.">
      <Badge color="yellow" variant="light" role="status" tabIndex={0}>
        reconnecting
      </Badge>
    </Tooltip>
  );
}
