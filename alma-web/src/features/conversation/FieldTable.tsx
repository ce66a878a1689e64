import { Badge, Group, Table, Text, Tooltip } from "@mantine/core";
import { IconHelpHexagon } from "@tabler/icons-react";
import type { Origin } from "@/lib/api/schema";
import { type Field, isGuess } from "./fields";
import classes from "./conversation.module.css";

const ORIGINS: Record<Origin, { short: string; long: string }> = {
  words: { short: "you said", long: "From your words." },
  template: { short: "template", long: "From the template." },
  default: { short: "default", long: "Nobody said it: this is what is taken when nothing is said." },
  inferred: { short: "inferred", long: "Nobody said it: it follows from the context. Please check." },
  model: { short: "model", long: "Nobody said it: a language model proposed it. Please check." },
  imported: { short: "found", long: "Found as it is on the engine." },
};

/** Fields with where each value came from; what is a guess stands out. */
export function FieldTable({ label, fields }: { label: string; fields: readonly Field[] }) {
  return (
    <Table aria-label={label} verticalSpacing={4} layout="fixed">
      <Table.Thead>
        <Table.Tr>
          <Table.Th w="38%">Field</Table.Th>
          <Table.Th>Value</Table.Th>
          <Table.Th w={112}>From</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {fields.map(({ path, value, origin }) => (
          <Table.Tr key={path} data-guess={isGuess(origin) || undefined}>
            <Table.Td className="wrap-anywhere">{path}</Table.Td>
            <Table.Td className="wrap-anywhere">{value}</Table.Td>
            <Table.Td>{origin !== null && <OriginMark origin={origin} />}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function OriginMark({ origin }: { origin: Origin }) {
  const { short, long } = ORIGINS[origin];
  const guess = isGuess(origin);
  return (
    <Tooltip label={long} multiline maw={260} events={{ hover: true, focus: true, touch: true }}>
      <Group gap={4} wrap="nowrap" w="fit-content" tabIndex={0} className={guess ? classes.guess : undefined}>
        {guess && <IconHelpHexagon size={14} aria-hidden />}
        <Text size="xs" fw={guess ? 600 : 400}>
          {short}
        </Text>
      </Group>
    </Tooltip>
  );
}

export function GuessCount({ number }: { number: number }) {
  if (number === 0) return null;
  return (
    <Badge size="sm" color="yellow" variant="light" autoContrast tt="none" className={classes.guess}>
      {number === 1 ? "1 guess" : `${number} guesses`}
    </Badge>
  );
}
