import { useState } from "react";
import { type Column, Listing } from "@/components/Listing";
import { StateBadge } from "@/components/StateBadge";
import type { Answer } from "@/lib/answer";
import { type Around, columnsOf, currencyOf, headingOf, isScalar, isState, told } from "./shape";

const PART = 20;

/** Entries that are alike, as a table; the long ones a part at a time. */
export function RecordTable({
  name,
  rows,
  around,
}: {
  name: string;
  rows: readonly Answer[];
  around: Around;
}) {
  const [shown, setShown] = useState(PART);
  const columns = columnsOf(rows).map((column): Column<{ row: Answer; index: number }> => ({
    title: headingOf(column),
    right: rows.every((row) => row[column] === null || typeof row[column] === "number"),
    cell: ({ row }) => (
      <Cell
        name={column}
        value={row[column]}
        around={{ parent: name, currency: currencyOf(row, around.currency) }}
      />
    ),
  }));
  const items = rows.slice(0, shown).map((row, index) => ({ row, index }));
  return (
    <Listing
      label={headingOf(name)}
      items={items}
      columns={columns}
      keyOf={({ index }) => index}
      total={rows.length > PART ? rows.length : undefined}
      more={{
        has: rows.length > shown,
        loading: false,
        fetch: () => setShown((before) => before + 5 * PART),
      }}
    />
  );
}

function Cell({ name, value, around }: { name: string; value: unknown; around: Around }) {
  if (isState(name, value)) return <StateBadge state={value} />;
  if (isScalar(value)) return told(name, value, around);
  if (Array.isArray(value)) {
    return value
      .filter(isScalar)
      .map((one) => told(name, one, around))
      .join(", ");
  }
  return "—";
}
