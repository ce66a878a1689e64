/** What was measured, what is expected, and between what: in a picture, and as a table for who sees none. */
import { lazy, Suspense } from "react";
import { Box, Skeleton, Table, VisuallyHidden } from "@mantine/core";
import { dateTime } from "@/lib/format";
import type { ForecastPoint, Limit } from "./forecast";

const Drawn = lazy(() => import("./ForecastDrawn"));
const HEIGHT = 280;
/** A table is listened to: so many lines of it, evenly spread. */
const TOLD = 40;

interface ForecastChartProps {
  metric: string;
  points: readonly ForecastPoint[];
  limits?: readonly Limit[];
}

export function ForecastChart({ metric, points, limits = [] }: ForecastChartProps) {
  const every = Math.max(1, Math.ceil(points.length / TOLD));
  const label = `${metric}: measured, expected, and the interval`;
  return (
    <Box pos="relative">
      <Box role="img" aria-label={label} h={HEIGHT}>
        <Suspense fallback={<Skeleton h={HEIGHT} />}>
          <Drawn points={points} limits={limits} height={HEIGHT} />
        </Suspense>
      </Box>
      <VisuallyHidden>
        <Table aria-label={label}>
          <thead>
            <tr>
              <th>Time</th>
              <th>Measured</th>
              <th>Expected</th>
              <th>At least</th>
              <th>At most</th>
            </tr>
          </thead>
          <tbody>
            {points
              .filter((_, index) => index % every === 0 || index === points.length - 1)
              .map(({ at, measured, expected, band }) => (
                <tr key={at}>
                  <td>{dateTime(new Date(at).toISOString())}</td>
                  <td>{measured ?? "—"}</td>
                  <td>{expected ?? "—"}</td>
                  <td>{band?.[0] ?? "—"}</td>
                  <td>{band?.[1] ?? "—"}</td>
                </tr>
              ))}
          </tbody>
        </Table>
      </VisuallyHidden>
    </Box>
  );
}
