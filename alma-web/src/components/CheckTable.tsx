/** What was asked of each resource and what it answered; failures first. */
import { Badge, Button, Code, Table } from "@mantine/core";
import { useState } from "react";
import type { Check } from "@/lib/api/schema";
import { count } from "@/lib/format";

const SOME = 100;

export function CheckTable({ checks }: { checks: readonly Check[] }) {
  const [most, setMost] = useState(SOME);
  const sorted = [...checks].sort((a, b) => Number(a.passed) - Number(b.passed));
  return (
    <>
      <Table.ScrollContainer minWidth={560}>
        <Table aria-label="Checks">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Resource</Table.Th>
              <Table.Th>Asked</Table.Th>
              <Table.Th>Answer</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {sorted.slice(0, most).map(({ address, name, passed, detail }, index) => (
              <Table.Tr key={`${address} ${name} ${index}`} className="wrap-anywhere">
                <Table.Td>{address}</Table.Td>
                <Table.Td>
                  <Code style={{ wordBreak: "normal", overflowWrap: "break-word" }}>{name}</Code>
                </Table.Td>
                <Table.Td>
                  <Badge color={passed ? "green" : "red"} variant="light" autoContrast size="sm" mr={6}>
                    {passed ? "passed" : "failed"}
                  </Badge>
                  {detail}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {sorted.length > most && (
        <Button variant="default" size="xs" onClick={() => setMost(most + SOME)}>
          Show more of {count(sorted.length, "check")}
        </Button>
      )}
    </>
  );
}
