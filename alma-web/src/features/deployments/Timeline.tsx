/** Each step of the plan: where it stands, when it ran within the whole, how long, how often it was tried. */
import { Badge, Box, Button, Group, ScrollArea, Text, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { StateBadge } from "@/components/StateBadge";
import type { DeploymentView } from "@/lib/api/schema";
import { isEnded, secondsOf, spanOf, tookWords, type Progress } from "./run";
import classes from "./Timeline.module.css";
import { useNow } from "./useNow";

const SOME = 100;

interface TimelineProps {
  run: Pick<DeploymentView, "created_at" | "finished_at" | "status">;
  progress: readonly Progress[];
  chosen: string | null;
  onChoose: (address: string | null) => void;
}

export function Timeline({ run, progress, chosen, onChoose }: TimelineProps) {
  const now = useNow(!isEnded(run.status));
  const [most, setMost] = useState(SOME);
  const whole = {
    from: Date.parse(run.created_at),
    to: run.finished_at === null ? Math.max(now, Date.parse(run.created_at)) : Date.parse(run.finished_at),
  };
  if (progress.length === 0)
    return <Text c="dimmed">The plan has no steps: what ran was what was wanted.</Text>;
  return (
    <ScrollArea.Autosize mah={460} type="auto" viewportProps={{ tabIndex: 0, "aria-label": "Steps" }}>
      <Box component="ol" className={classes.list} aria-label="Steps">
        {progress.slice(0, most).map((step) => (
          <li key={step.address}>
            <UnstyledButton
              className={classes.step}
              aria-pressed={chosen === step.address}
              onClick={() => onChoose(chosen === step.address ? null : step.address)}
            >
              <Step step={step} whole={whole} now={now} />
            </UnstyledButton>
          </li>
        ))}
      </Box>
      {progress.length > most && (
        <Button variant="default" size="xs" m="xs" onClick={() => setMost(most + SOME)}>
          Show more of {progress.length} steps
        </Button>
      )}
    </ScrollArea.Autosize>
  );
}

function Step({ step, whole, now }: { step: Progress; whole: { from: number; to: number }; now: number }) {
  const { address, action, state, attempts, error } = step;
  const seconds = secondsOf(step.started_at, step.finished_at, now);
  const going = step.finished_at === null || step.finished_at === undefined;
  const span = spanOf(step, whole, Math.min(now, whole.to));
  return (
    <>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text size="sm" className="wrap-anywhere">
          <Text span c="dimmed" inherit>
            {action}
          </Text>{" "}
          <Text span fw={600} inherit>
            {address}
          </Text>
        </Text>
        <Group gap={6} wrap="nowrap">
          {(attempts ?? 0) > 1 && (
            <Badge variant="default" size="sm" style={{ flexShrink: 0 }}>
              try {attempts}
            </Badge>
          )}
          {seconds !== null && state !== "pending" && (
            <Text size="xs" ff="monospace" className={classes.time}>
              {tookWords(seconds, going)}
            </Text>
          )}
          {/* It waits for no person, as a request does. */}
          <StateBadge state={state} color={state === "pending" ? "gray" : undefined} />
        </Group>
      </Group>
      <div className={classes.track} aria-hidden>
        {span !== null && (
          <div
            className={classes.bar}
            data-state={state}
            style={{ left: `${span.left}%`, width: `${span.width}%` }}
          />
        )}
      </div>
      {error !== null && error !== undefined && (
        <Text size="xs" className={`${classes.error} wrap-anywhere`}>
          {error}
        </Text>
      )}
    </>
  );
}
