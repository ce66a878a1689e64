/** Asks every workload whether it does its work, when somebody wants to know. */
import { Alert, Button, Group, Stack, Text, Title } from "@mantine/core";
import { IconStethoscope } from "@tabler/icons-react";
import { CheckTable } from "@/components/CheckTable";
import { ProblemAlert } from "@/components/states";
import { $api } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";
import type { Verification } from "@/lib/api/schema";
import { count } from "@/lib/format";

export function VerifyPart({ stackId }: { stackId: string }) {
  const verifying = $api.useMutation("post", "/api/v1/stacks/{stack_id}/verify", {
    // What it found is news about the states above, too; and what could not be asked may be gone.
    onSettled: () => changed("/api/v1/stacks"),
  });
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Title order={2} size="h4">
          Does it work?
        </Title>
        <Button
          variant="light"
          leftSection={<IconStethoscope size={16} />}
          loading={verifying.isPending}
          onClick={() => verifying.mutate({ params: { path: { stack_id: stackId } } })}
        >
          Verify now
        </Button>
      </Group>
      {verifying.error !== null && <ProblemAlert problem={verifying.error} />}
      {verifying.data !== undefined ? (
        <Result verification={verifying.data} />
      ) : (
        <Text size="sm" c="dimmed">
          Verifying asks each resource by its health check, now. It changes nothing.
        </Text>
      )}
    </Stack>
  );
}

function Result({ verification: { passed, checks } }: { verification: Verification }) {
  const failed = checks.filter((check) => !check.passed);
  return (
    <Stack gap="xs">
      <Alert
        color={passed ? "green" : "red"}
        role="status"
        title={
          passed
            ? `It works: ${count(checks.length, "check")} passed`
            : `${count(failed.length, "check")} of ${checks.length} failed`
        }
      />
      <CheckTable checks={checks} />
    </Stack>
  );
}
