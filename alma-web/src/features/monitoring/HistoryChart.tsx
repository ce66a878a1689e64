/** Small lines of the last while. */
import { Box, Paper, Skeleton, Text } from "@mantine/core";
import { lazy, Suspense } from "react";
import { figure } from "@/lib/format";
import type { Line, Point } from "./history";

const Lines = lazy(() => import("./Lines"));
const HEIGHT = 150;

export function HistoryChart({
  title,
  points,
  lines,
  unit,
}: {
  title: string;
  points: readonly Point[];
  lines: readonly Line[];
  unit: string;
}) {
  const last = points.at(-1);
  const told = lines
    .map(({ key, label }) => `${label} ${figure(last?.[key])}${last?.[key] == null ? "" : ` ${unit}`}`)
    .join(", ");
  return (
    <Paper withBorder p="sm">
      <Text size="sm" fw={600}>
        {title}
      </Text>
      <Text size="xs" c="dimmed">
        {told}
      </Text>
      <Box role="img" aria-label={`${title} since this page was opened; now ${told}`} h={HEIGHT} mt="xs">
        <Suspense fallback={<Skeleton h={HEIGHT} />}>
          <Lines points={points} lines={lines} height={HEIGHT} unit={unit} />
        </Suspense>
      </Box>
    </Paper>
  );
}
