import "@mantine/charts/styles.css";
import { LineChart } from "@mantine/charts";
import { figure } from "@/lib/format";
import type { Line, Point } from "./history";

interface LinesProps {
  points: readonly Point[];
  lines: readonly Line[];
  height: number;
  unit: string;
}

export default function Lines({ points, lines, height, unit }: LinesProps) {
  return (
    <LineChart
      h={height}
      data={points.map((point) => ({ ...point }))}
      dataKey="at"
      series={lines.map(({ key, label, color }) => ({ name: key, label, color }))}
      curveType="linear"
      connectNulls={false}
      withDots={points.length < 3}
      strokeWidth={2}
      valueFormatter={(value) => `${figure(value)} ${unit}`}
      xAxisProps={{ tickFormatter: (at: number) => new Date(at).toLocaleTimeString(), minTickGap: 60 }}
      yAxisProps={{ width: 48, tickFormatter: (value: number) => figure(value) }}
      lineProps={{ isAnimationActive: false }}
      tooltipProps={{ labelFormatter: (at) => new Date(Number(at)).toLocaleTimeString() }}
    />
  );
}
