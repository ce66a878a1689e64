/** What a page shows where its content is to come, is missing or could not be had. */
import { Alert, Button, Code, Group, Skeleton, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import { IconAlertTriangle, IconInbox } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { asProblem, type Problem } from "@/lib/api/problem";

export function ProblemAlert({ problem, onRetry }: { problem: unknown; onRetry?: () => void }) {
  const told: Problem = asProblem(problem);
  return (
    <Alert
      color="red"
      icon={<IconAlertTriangle />}
      title={told.message}
      role="alert"
      className="wrap-anywhere"
    >
      <Stack gap="xs" align="flex-start">
        {told.hint !== null && <Text size="sm">{told.hint}</Text>}
        {told.errors.map((error) => (
          <Code key={error} block>
            {error}
          </Code>
        ))}
        {told.retryAfter !== null && <Text size="sm">Worth trying again in {told.retryAfter} s.</Text>}
        {told.requestId !== null && (
          <Text size="xs" c="dimmed">
            Request {told.requestId}: the server&apos;s log says more under this number.
          </Text>
        )}
        {onRetry && (
          <Button size="xs" variant="light" color="red" onClick={onRetry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** Teaches what would be here, and how it gets here. */
export function Empty({
  title,
  children,
  action,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <Stack align="center" py="xl" gap="sm" ta="center">
      <ThemeIcon size={48} radius="xl" variant="light">
        <IconInbox />
      </ThemeIcon>
      <Title order={2} size="h4">
        {title}
      </Title>
      <Text c="dimmed" maw={520}>
        {children}
      </Text>
      {action !== undefined && <Group>{action}</Group>}
    </Stack>
  );
}

export function Waiting({ lines = 4 }: { lines?: number }) {
  return (
    <Stack gap="sm" aria-busy="true" aria-label="Loading">
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} height={28} />
      ))}
    </Stack>
  );
}

interface Asked<T> {
  data: T | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

/** The content of a query, or why it is not there. What was there stays while asking again fails. */
export function Loaded<T>({ query, children }: { query: Asked<T>; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) {
    return (
      <>
        {query.error !== null && query.error !== undefined && (
          <Alert color="yellow" mb="sm" role="status" title="Not up to date">
            {asProblem(query.error).message}. What you see is from before; this page tries again.
          </Alert>
        )}
        {children(query.data)}
      </>
    );
  }
  if (query.isPending) return <Waiting />;
  return <ProblemAlert problem={query.error} onRetry={() => void query.refetch()} />;
}
