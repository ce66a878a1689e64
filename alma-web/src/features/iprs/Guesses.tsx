import { Badge, Button, Table, Text } from "@mantine/core";
import { useState } from "react";
import type { BlueprintView, Origin } from "@/lib/api/schema";
import { count } from "@/lib/format";
import { guessesIn, ORIGIN_WORDS } from "./guesses";
import { Section } from "./Section";

const PAGE = 8;
const COLORS: Partial<Record<Origin, string>> = { model: "grape", inferred: "yellow" };

/** The values that nobody has said. */
export function Guesses({ blueprint }: { blueprint: BlueprintView }) {
  const [most, setMost] = useState(PAGE);
  const guesses = guessesIn(blueprint);
  const origins = Object.keys(blueprint.origins ?? {}).length;
  return (
    <Section
      title="Guesses"
      beside={<Text size="sm">{count(guesses.length, "value")}</Text>}
      about="Values that nobody has said, the least certain first."
    >
      {guesses.length === 0 && (
        <Text c="dimmed">
          {origins === 0 ? "It was written by hand: nothing is known to be guessed." : "There is none."}
        </Text>
      )}
      {guesses.length > 0 && (
        <Table.ScrollContainer minWidth={360}>
          <Table verticalSpacing={4} aria-label="Guesses">
            <Table.Tbody>
              {guesses.slice(0, most).map(({ path, origin, value }) => (
                <Table.Tr key={path}>
                  <Table.Td className="wrap-anywhere">{path.replace(/^resources\./, "")}</Table.Td>
                  <Table.Td className="wrap-anywhere" fw={600}>
                    {value}
                  </Table.Td>
                  <Table.Td ta="right">
                    <Badge color={COLORS[origin] ?? "gray"} variant="light" autoContrast>
                      {ORIGIN_WORDS[origin]}
                    </Badge>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {guesses.length > most && (
        <Button variant="default" size="xs" w="fit-content" onClick={() => setMost(most + 10 * PAGE)}>
          Show more
        </Button>
      )}
    </Section>
  );
}
