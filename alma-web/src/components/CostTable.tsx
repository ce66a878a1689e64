/** What something costs a month, with the arithmetic and where each price comes from. */
import { Button, Stack, Table, Text } from "@mantine/core";
import { useState } from "react";
import type { Estimate } from "@/lib/api/schema";
import { count, figure, money } from "@/lib/format";

const SOME = 12;
/** So many that quantity and price still come to what stands beside them. */
const PRICE = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 6 });

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
  // Mostly one and the same: said once, below.
  const sources = [...new Set(lines.map(({ source }) => source))];
  return (
    <Stack gap="xs">
      <Table.ScrollContainer minWidth={480} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table aria-label="Cost a month, line by line" verticalSpacing={6}>
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
                <Table.Td>{[line.what, line.sku].filter(Boolean).join(", ")}</Table.Td>
                <Table.Td ta="right">
                  {figure(Number(line.quantity))} {line.unit}
                </Table.Td>
                <Table.Td ta="right">{PRICE.format(Number(line.unit_price))}</Table.Td>
                <Table.Td ta="right">{money(line.monthly, currency)}</Table.Td>
                <Table.Td>
                  {line.kind} [{sources.indexOf(line.source) + 1}]
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
          <Table.Tfoot>
            <Table.Tr>
              <Table.Th colSpan={4}>Together, a month</Table.Th>
              <Table.Th ta="right">{money(monthly, currency)}</Table.Th>
              <Table.Th className="wrap-anywhere">{estimate.book}</Table.Th>
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
      {sources.map((source, index) => (
        <Text key={source} size="sm" c="dimmed" className="wrap-anywhere">
          [{index + 1}] {source}
        </Text>
      ))}
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
