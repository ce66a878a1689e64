/** What a page shows where its content is to come, is missing or could not be had. */
import { Alert, Button, Code, Group, Skeleton, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import { IconAlertTriangle, IconInbox } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { asProblem, type Problem } from "@/lib/api/problem";

interface ProblemAlertProps {
  problem: unknown;
  onRetry?: () => void;
  retrying?: boolean;
  /** Whether it is asked again without anybody's doing. */
  byItself?: boolean;
}

export function ProblemAlert({ problem, onRetry, retrying, byItself }: ProblemAlertProps) {
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
        {byItself && <Text size="sm">This page tries again by itself.</Text>}
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
          <Button size="xs" variant="light" color="red" loading={retrying} onClick={onRetry}>
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
    <Stack gap="sm" role="progressbar" aria-busy="true" aria-label="Loading">
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
  const problem = useProblem(query);
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
  if (problem === null) return <Waiting />;
  return (
    <ProblemAlert
      problem={problem}
      byItself={problem.away}
      retrying={query.isPending}
      onRetry={() => void query.refetch()}
    />
  );
}

/** Why there is nothing yet. What may pass stays said while it is asked again. */
function useProblem({ data, error, isPending }: Asked<unknown>): Problem | null {
  const [last, setLast] = useState<Problem | null>(null);
  const before = last?.passing === true && isPending ? last : null;
  const failed = error === null || error === undefined ? before : asProblem(error);
  const now = data === undefined ? failed : null;
  if (now?.message !== last?.message || now?.status !== last?.status) setLast(now);
  return now;
}
