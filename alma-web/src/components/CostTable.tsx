/** What something costs a month, with the arithmetic and where each price comes from. */
import { Stack, Table, Text } from "@mantine/core";
import type { Estimate } from "@/lib/api/schema";
import { figure, money, shown } from "@/lib/format";

export function CostTable({ estimate }: { estimate: Estimate }) {
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
            {lines.map((line) => (
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
