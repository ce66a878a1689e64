/** Lists of any length: a table on wide screens that scrolls sideways on narrow ones, a page at a time. */
import { Button, Center, ScrollArea, Table, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { count } from "@/lib/format";

export interface Column<T> {
  title: string;
  cell: (item: T) => ReactNode;
  /** For numbers. */
  right?: boolean;
}

interface ListingProps<T> {
  /** What the table is of, for those who hear it. */
  label: string;
  items: readonly T[];
  columns: readonly Column<T>[];
  keyOf: (item: T) => string | number;
  /** How many there are in all, and how to get more. */
  total?: number;
  more?: { has: boolean; loading: boolean; fetch: () => void };
}

export function Listing<T>({ label, items, columns, keyOf, total, more }: ListingProps<T>) {
  return (
    <>
      <ScrollArea type="auto">
        <Table highlightOnHover verticalSpacing="sm" aria-label={label} miw={560}>
          <Table.Thead>
            <Table.Tr>
              {columns.map(({ title, right }) => (
                <Table.Th key={title} ta={right ? "right" : undefined}>
                  {title}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((item) => (
              <Table.Tr key={keyOf(item)}>
                {columns.map(({ title, cell, right }) => (
                  <Table.Td key={title} ta={right ? "right" : undefined} className="wrap-anywhere" maw={420}>
                    {cell(item)}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea>
      {total !== undefined && (
        <Text size="sm" c="dimmed" ta="center">
          {items.length < total
            ? `${items.length.toLocaleString("en-US")} of ${count(total, "entry", "entries")}`
            : count(total, "entry", "entries")}
        </Text>
      )}
      {more?.has && (
        <Center>
          <Button variant="default" loading={more.loading} onClick={more.fetch}>
            Show more
          </Button>
        </Center>
      )}
    </>
  );
}
