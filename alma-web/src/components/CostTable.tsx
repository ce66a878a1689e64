/** What something costs a month, with the arithmetic and where each price comes from. */
import { Button, Stack, Table, Text } from "@mantine/core";
import { useState } from "react";
import type { Estimate } from "@/lib/api/schema";
import { count, figure, money, shown } from "@/lib/format";

const SOME = 12;

interface CostTableProps {
  estimate: Estimate;
  /** Lines that the server left out: they are only in the sum. */
  leftOut?: number;
}

export function CostTable({ estimate, leftOut = 0 }: CostTableProps) {
  const [all, setAll] = useState(false);
  const {
    lines = [],
    monthly = 0,
    currency = "USD",
    basis,
    assumptions = [],
    uncounted = [],
    unpriced = [],
  } = estimate;
  return (
    <Stack gap="xs">
      <Table.ScrollContainer minWidth={480} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table aria-label="Cost a month, line by line">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Resource</Table.Th>
              <Table.Th>What</Table.Th>
              <Table.Th ta="right">Quantity</Table.Th>
              <Table.Th ta="right">Each</Table.Th>
              <Table.Th ta="right">A month</Table.Th>
              <Table.Th>From</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {(all ? lines : lines.slice(0, SOME)).map((line) => (
              <Table.Tr key={`${line.resource} ${line.what} ${line.sku ?? ""}`}>
                <Table.Td>{line.resource}</Table.Td>
                <Table.Td>{line.what}</Table.Td>
                <Table.Td ta="right">
                  {figure(Number(line.quantity))} {line.unit}
                </Table.Td>
                <Table.Td ta="right">{shown(line.unit_price)}</Table.Td>
                <Table.Td ta="right">{money(line.monthly, currency)}</Table.Td>
                <Table.Td>
                  {line.kind} · {line.source}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
          <Table.Tfoot>
            <Table.Tr>
              <Table.Th colSpan={4}>Together, a month</Table.Th>
              <Table.Th ta="right">{money(monthly, currency)}</Table.Th>
              <Table.Th>{estimate.book}</Table.Th>
            </Table.Tr>
          </Table.Tfoot>
        </Table>
      </Table.ScrollContainer>
      {!all && lines.length > SOME && (
        <Button variant="default" size="xs" w="fit-content" onClick={() => setAll(true)}>
          Show all {count(lines.length, "line")}
        </Button>
      )}
      {leftOut > 0 && (
        <Text size="sm" c="dimmed">
          {count(leftOut, "cheaper line")} more, left out by the server, counted in the sum.
        </Text>
      )}
      {[basis, ...assumptions].filter(Boolean).map((text) => (
        <Text key={text} size="sm" c="dimmed">
          {text}
        </Text>
      ))}
      {[...uncounted, ...unpriced].map((text) => (
        <Text key={text} size="sm" fw={500}>
          Not counted: {text}
        </Text>
      ))}
    </Stack>
  );
}
