/** Any value that a tool may answer, for reading: what is nested stands under its heading. */
import { Box, Button, Card, Center, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { type Answer, isAnswer } from "@/lib/answer";
import { count, shown as asText } from "@/lib/format";
import { BlueprintPart } from "./BlueprintPart";
import { DocumentPart } from "./DocumentPart";
import { Facts } from "./Facts";
import { RecordTable } from "./RecordTable";
import { Scalar, Texts } from "./Scalar";
import { type Around, currencyOf, headingOf, headOf, isScalar, shapeOf } from "./shape";

interface ValueProps {
  name: string;
  value: unknown;
  around: Around;
  /** How deep it stands: headings follow. */
  depth?: number;
}

export function Value({ name, value, around, depth = 0 }: ValueProps): ReactNode {
  switch (shapeOf(value)) {
    case "nothing":
      return null;
    case "scalar":
      return isScalar(value) ? <Scalar name={name} value={value} around={around} /> : null;
    case "texts":
      return <Texts name={name} values={value as (string | number | boolean)[]} around={around} />;
    case "table":
      return <RecordTable name={name} rows={value as Answer[]} around={around} />;
    case "records":
      return <Records name={name} rows={value as unknown[]} around={around} depth={depth} />;
    case "blueprint":
      return <BlueprintPart blueprint={value as Answer} />;
    case "document":
      return <DocumentPart name={name} text={String(value)} />;
    case "facts":
      return isAnswer(value) ? <Parts answer={value} name={name} around={around} depth={depth} /> : null;
  }
}

/** An object: its plain fields side by side, and each of the others under its heading. */
export function Parts({
  answer,
  name,
  around,
  depth = 0,
  without = NONE,
}: {
  answer: Answer;
  name: string;
  around: Around;
  depth?: number;
  without?: ReadonlySet<string>;
}) {
  const within: Around = { parent: name, currency: currencyOf(answer, around.currency) };
  const shown = Object.entries(answer).filter(
    ([key, value]) => !without.has(key) && shapeOf(value) !== "nothing",
  );
  const plain = shown.filter(([, value]) => shapeOf(value) === "scalar");
  const nested = shown.filter(([, value]) => shapeOf(value) !== "scalar");
  return (
    <Stack gap="md">
      {plain.length > 0 && <Facts facts={plain} around={within} />}
      {nested.map(([key, value]) => (
        <Box key={key} component="section">
          <Title order={depth === 0 ? 2 : 3} size={depth === 0 ? "h4" : "h5"} mb={6}>
            {headingOf(key)}
          </Title>
          <Value name={key} value={value} around={within} depth={depth + 1} />
        </Box>
      ))}
    </Stack>
  );
}

const NONE: ReadonlySet<string> = new Set();

const PART = 10;

/** Entries with more to them than a row of a table can hold. */
function Records({
  name,
  rows,
  around,
  depth,
}: {
  name: string;
  rows: readonly unknown[];
  around: Around;
  depth: number;
}) {
  const [shown, setShown] = useState(PART);
  return (
    <Stack gap="sm">
      {rows.slice(0, shown).map((row, index) => (
        <OneRecord key={index} name={name} row={row} around={around} depth={depth} />
      ))}
      {rows.length > shown && (
        <Center>
          <Button variant="default" size="xs" onClick={() => setShown((before) => before + 3 * PART)}>
            Show more of {count(rows.length, "entry", "entries")}
          </Button>
        </Center>
      )}
    </Stack>
  );
}

function OneRecord({
  name,
  row,
  around,
  depth,
}: {
  name: string;
  row: unknown;
  around: Around;
  depth: number;
}) {
  if (!isAnswer(row)) return <Text size="sm">{asText(row)}</Text>;
  const head = headOf(row);
  return (
    <Card withBorder padding="sm" className="wrap-anywhere">
      {head !== null && (
        <Title order={3} size="h6" mb={6}>
          {head.text}
        </Title>
      )}
      <Parts
        answer={row}
        name={name}
        around={around}
        depth={depth + 1}
        without={new Set(head === null ? [] : [head.name])}
      />
    </Card>
  );
}
