import { Alert, Button, Group, Loader, Progress, Stack, Text } from "@mantine/core";
import { ProblemAlert } from "@/components/states";
import type { Run } from "./running";

/** How far it is, and what went wrong. */
export function Running({
  run,
  onCancel,
  onRetry,
}: {
  run: Run;
  onCancel: () => void;
  onRetry?: () => void;
}) {
  switch (run.state) {
    case "running":
      return (
        <Stack gap={6} role="status">
          <Group justify="space-between">
            <Group gap="sm">
              <Loader size="sm" aria-hidden />
              <Text size="sm" className="wrap-anywhere">
                {run.told ?? "Working it out…"}
              </Text>
            </Group>
            <Button variant="default" size="xs" onClick={onCancel}>
              Cancel
            </Button>
          </Group>
          {run.share !== null && (
            <Progress value={run.share * 100} aria-label="How much of it is done" size="sm" />
          )}
        </Stack>
      );
    case "failed":
      return <ProblemAlert problem={run.problem} onRetry={onRetry} />;
    case "cancelled":
      return (
        <Alert color="gray" role="status" p="sm">
          Cancelled. Nothing was changed.
        </Alert>
      );
    default:
      return null;
  }
}
