/** Asks every workload whether it does its work, when somebody wants to know. */
import { Alert, Badge, Button, Code, Group, Stack, Table, Text, Title } from "@mantine/core";
import { IconStethoscope } from "@tabler/icons-react";
import { useState } from "react";
import { ProblemAlert } from "@/components/states";
import { $api } from "@/lib/api/client";
import type { Check, Verification } from "@/lib/api/schema";
import { count } from "@/lib/format";

export function VerifyPart({ stackId }: { stackId: string }) {
  const verifying = $api.useMutation("post", "/api/v1/stacks/{stack_id}/verify");
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

const SOME = 100;

function Result({ verification: { passed, checks } }: { verification: Verification }) {
  const [most, setMost] = useState(SOME);
  const failed = checks.filter((check) => !check.passed);
  const sorted = [...failed, ...checks.filter((check) => check.passed)];
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
      <Table.ScrollContainer minWidth={420}>
        <Table aria-label="Checks">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Resource</Table.Th>
              <Table.Th>Asked</Table.Th>
              <Table.Th>Answer</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {sorted.slice(0, most).map((check, index) => (
              <Proof key={`${check.address} ${check.name} ${index}`} check={check} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {sorted.length > most && (
        <Button variant="default" size="xs" onClick={() => setMost(most + SOME)}>
          Show more of {count(sorted.length, "check")}
        </Button>
      )}
    </Stack>
  );
}

function Proof({ check: { address, name, passed, detail } }: { check: Check }) {
  return (
    <Table.Tr className="wrap-anywhere">
      <Table.Td>{address}</Table.Td>
      <Table.Td>
        <Code>{name}</Code>
      </Table.Td>
      <Table.Td>
        <Badge color={passed ? "green" : "red"} variant="light" autoContrast size="sm" mr={6}>
          {passed ? "passed" : "failed"}
        </Badge>
        {detail}
      </Table.Td>
    </Table.Tr>
  );
}
