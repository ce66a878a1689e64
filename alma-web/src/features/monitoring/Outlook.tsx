/** A forecast of what was collected here, or of measurements that somebody brings. */
import { Alert, Button, Group, Loader, SegmentedControl, Stack, Text, TextInput, Title } from "@mantine/core";
import { useState } from "react";
import { pointsOf } from "@/components/charts/forecast";
import { ForecastChart } from "@/components/charts/ForecastChart";
import { SeriesField } from "@/components/form/SeriesField";
import { Link } from "@/components/Link";
import { ProblemAlert } from "@/components/states";
import { numberIn, recordsIn, textIn } from "@/lib/answer";
import { $api } from "@/lib/api/client";
import { count } from "@/lib/format";
import { type Moment, seriesOf } from "@/lib/series";
import type { Point } from "./history";

export function collected(points: readonly Point[]): Moment[] {
  return points
    .filter(({ per_second }) => per_second !== null)
    .map(({ at, per_second, p95_ms }) => ({
      timestamp: new Date(at).toISOString(),
      metrics: { requests_per_second: per_second, p95_ms },
    }));
}

export function Outlook({ points }: { points: readonly Point[] }) {
  const [source, setSource] = useState("brought");
  const [text, setText] = useState("");
  const [period, setPeriod] = useState("30 days");
  const [sent, setSent] = useState<Moment[]>([]);
  const [fault, setFault] = useState<string | undefined>(undefined);
  const asking = $api.useMutation("post", "/api/v1/tools/execute");
  const answer = asking.data?.result ?? null;

  function ask(): void {
    try {
      const moments = source === "brought" ? seriesOf(text) : collected(points);
      setFault(undefined);
      setSent(moments);
      asking.mutate({
        body: {
          tool_name: "forecast_metrics",
          parameters: { historical_data: moments, forecast_period: period },
        },
      });
    } catch (error) {
      setFault(error instanceof Error ? error.message : "This can't be read.");
    }
  }

  return (
    <section aria-label="Forecast">
      <Title order={2} size="h4" mb="xs">
        Forecast
      </Title>
      <Stack gap="sm">
        <Group align="flex-end" gap="md">
          <SegmentedControl
            aria-label="Of what"
            value={source}
            onChange={(next) => {
              setSource(next);
              setPeriod(next === "brought" ? "30 days" : "10 minutes");
            }}
            data={[
              { value: "brought", label: "Your measurements" },
              { value: "collected", label: "Collected here" },
            ]}
          />
          <TextInput
            label="How far ahead"
            value={period}
            onChange={({ currentTarget }) => setPeriod(currentTarget.value)}
            w={160}
          />
          <Button onClick={ask} loading={asking.isPending}>
            Forecast
          </Button>
        </Group>
        {source === "brought" ? (
          <SeriesField
            id="outlook-series"
            label="Measurements"
            description="CSV or JSON: a time, and a value for each metric."
            text={text}
            error={fault}
            onChange={setText}
          />
        ) : (
          <Text size="sm">
            {count(collected(points).length, "figure")} collected since this page was opened; the longer it is
            open, the more a forecast can say.
          </Text>
        )}
        {asking.isPending && <Loader size="sm" aria-label="Working it out" />}
        {asking.error !== null && <ProblemAlert problem={asking.error} onRetry={ask} />}
        {answer !== null && (
          <Stack gap="md">
            <Alert color="blue" p="sm" role="status">
              {textIn(answer, "summary")}
            </Alert>
            {recordsIn(answer, "forecasts").map((outlook) => (
              <div key={textIn(outlook, "metric")}>
                <Text fw={600}>{textIn(outlook, "metric")}</Text>
                <ForecastChart
                  metric={textIn(outlook, "metric")}
                  points={pointsOf(sent, outlook)}
                  limits={recordsIn(outlook, "crossings").map((crossing) => ({
                    value: numberIn(crossing, "threshold") ?? 0,
                    label: textIn(crossing, "why"),
                  }))}
                />
              </div>
            ))}
            <Link to="/tools/forecast_metrics" size="sm">
              More settings, and how good the method was: the tool
            </Link>
          </Stack>
        )}
      </Stack>
    </section>
  );
}
