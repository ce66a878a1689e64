import { Group, Paper, Text } from "@mantine/core";
import {
  Area,
  CartesianGrid,
  ComposedChart,
  Legend,
  Line,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { dateTime, figure } from "@/lib/format";
import type { ForecastPoint, Limit } from "./forecast";

const INK = "var(--mantine-color-dimmed)";
const LINE = "var(--mantine-color-default-border)";
const PAST = "var(--mantine-color-text)";
const FUTURE = "var(--mantine-color-blue-6)";
const LIMIT = "var(--mantine-color-red-6)";
const TICK = { fill: INK, fontSize: 12 };

interface DrawnProps {
  points: readonly ForecastPoint[];
  limits: readonly Limit[];
  height: number;
}

export default function ForecastDrawn({ points, limits, height }: DrawnProps) {
  const span = (points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0);
  return (
    <ResponsiveContainer width="100%" height={height}>
      <ComposedChart data={[...points]} margin={{ top: 16, right: 16, bottom: 0, left: 0 }}>
        <CartesianGrid stroke={LINE} strokeDasharray="3 3" vertical={false} />
        <XAxis
          dataKey="at"
          type="number"
          scale="time"
          domain={["dataMin", "dataMax"]}
          tickFormatter={(at: number) => tick(at, span)}
          tick={TICK}
          stroke={LINE}
          minTickGap={40}
        />
        <YAxis
          tick={TICK}
          stroke={LINE}
          width={56}
          tickFormatter={(value: number) => figure(value)}
          domain={[
            (low: number) => Math.min(low, ...limits.map(({ value }) => value)),
            (high: number) => Math.max(high, ...limits.map(({ value }) => value)),
          ]}
        />
        <Tooltip content={({ active, payload }) => (active ? <Told point={pointIn(payload)} /> : null)} />
        <Legend
          formatter={(name) => (
            <Text span size="sm" c="var(--mantine-color-text)">
              {name}
            </Text>
          )}
        />
        <Area
          dataKey="band"
          name="interval"
          fill={FUTURE}
          fillOpacity={0.22}
          stroke="none"
          isAnimationActive={false}
          activeDot={false}
        />
        <Line
          dataKey="measured"
          name="measured"
          stroke={PAST}
          strokeWidth={2}
          dot={false}
          isAnimationActive={false}
        />
        <Line
          dataKey="expected"
          name="expected"
          stroke={FUTURE}
          strokeWidth={2}
          strokeDasharray="6 4"
          dot={false}
          isAnimationActive={false}
        />
        {limits.map(({ value, label }) => (
          <ReferenceLine
            key={`${label} ${value}`}
            y={value}
            stroke={LIMIT}
            strokeDasharray="4 4"
            label={{ value: label, position: "insideTopLeft", fill: LIMIT, fontSize: 12 }}
          />
        ))}
      </ComposedChart>
    </ResponsiveContainer>
  );
}

const DAY = 86_400_000;

function tick(at: number, span: number): string {
  const date = new Date(at);
  return span > 2 * DAY
    ? date.toLocaleDateString(undefined, { month: "short", day: "numeric" })
    : date.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
}

function pointIn(payload: unknown): ForecastPoint | undefined {
  return Array.isArray(payload)
    ? (payload[0] as { payload?: ForecastPoint } | undefined)?.payload
    : undefined;
}

function Told({ point }: { point: ForecastPoint | undefined }) {
  if (point === undefined) return null;
  const { at, measured, expected, band } = point;
  return (
    <Paper withBorder p="xs" shadow="sm">
      <Text size="xs" c="dimmed">
        {dateTime(new Date(at).toISOString())}
      </Text>
      {typeof measured === "number" && <Text size="sm">measured {figure(measured)}</Text>}
      {typeof expected === "number" && (
        <Group gap={6}>
          <Text size="sm">expected {figure(expected)}</Text>
          {band !== undefined && (
            <Text size="sm" c="dimmed">
              {figure(band[0])} to {figure(band[1])}
            </Text>
          )}
        </Group>
      )}
    </Paper>
  );
}
