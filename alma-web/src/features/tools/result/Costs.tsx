/** Estimates and savings. */
import { Accordion, Alert, Badge, Group, Stack, Table, Text } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import { CostTable } from "@/components/CostTable";
import { StateBadge } from "@/components/StateBadge";
import { type Answer, numberIn, recordIn, recordsIn, textIn, textsIn } from "@/lib/answer";
import type { Estimate } from "@/lib/api/schema";
import { count, figure, money } from "@/lib/format";
import { Bars } from "./Bars";
import { Lead, tile } from "./Lead";
import { Section } from "./Section";
import { currencyOf } from "./shape";

export function EstimateView({ answer }: { answer: Answer }) {
  const totals = recordIn(answer, "totals");
  const costs = recordsIn(answer, "costs");
  const cheapest = textIn(answer, "cheapest");
  return (
    <Stack gap="lg">
      <Lead
        tiles={[
          tile("Instances", numberIn(totals, "instances"), figure),
          tile("CPU", numberIn(totals, "cpu"), (value) => `${figure(value)} vCPU`),
          tile("Memory", numberIn(totals, "memory_gib"), (value) => `${figure(value)} GiB`),
          tile("Disk", numberIn(totals, "disk_gib"), (value) => `${figure(value)} GiB`),
        ]}
      />
      {costs.length > 0 && (
        <Section title="Cost a month">
          {costs.length > 1 && (
            <Bars
              label="Cost a month by provider"
              rows={costs.map((cost) => ({
                name: textIn(cost, "provider"),
                value: numberIn(cost, "monthly") ?? 0,
                told: money(numberIn(cost, "monthly") ?? 0, currencyOf(cost)),
              }))}
            />
          )}
          <Accordion multiple variant="separated" mt="sm" defaultValue={costs.length === 1 ? ["0"] : []}>
            {costs.map((cost, index) => (
              <Accordion.Item key={index} value={String(index)}>
                <Accordion.Control>
                  <Group justify="space-between" pr="sm">
                    <Group gap="xs">
                      <Text fw={600}>{textIn(cost, "provider")}</Text>
                      {textIn(cost, "region") !== "" && (
                        <Text size="sm" c="dimmed">
                          {textIn(cost, "region")}
                        </Text>
                      )}
                      {textIn(cost, "provider") === cheapest && (
                        <Badge color="green" variant="light" autoContrast>
                          cheapest
                        </Badge>
                      )}
                      {cost.complete === false && (
                        <Badge color="yellow" variant="light" autoContrast>
                          incomplete
                        </Badge>
                      )}
                    </Group>
                    <Text>{money(numberIn(cost, "monthly") ?? 0, currencyOf(cost))}</Text>
                  </Group>
                </Accordion.Control>
                <Accordion.Panel>
                  <CostTable estimate={cost as unknown as Estimate} />
                </Accordion.Panel>
              </Accordion.Item>
            ))}
          </Accordion>
        </Section>
      )}
    </Stack>
  );
}

export function SavingsView({ answer }: { answer: Answer }) {
  const measures = recordsIn(answer, "measures");
  const asMoney = (value: number) => money(value, currencyOf(answer));
  const target = numberIn(answer, "target_cost");
  return (
    <Stack gap="lg">
      <Lead
        tiles={[
          tile("Now, a month", numberIn(answer, "original_cost"), asMoney),
          tile("Then, a month", numberIn(answer, "optimized_cost"), asMoney),
          tile("Saved, a month", numberIn(answer, "savings"), asMoney),
          tile("Saved", numberIn(answer, "savings_percentage"), (value) => `${figure(value)} %`),
        ]}
      />
      {target !== null && (
        <Alert
          color={answer.target_met === true ? "green" : "yellow"}
          icon={answer.target_met === true ? <IconCheck /> : <IconX />}
          title={
            answer.target_met === true
              ? `The target of ${asMoney(target)} is met`
              : `The target of ${asMoney(target)} is not met`
          }
        />
      )}
      {measures.length > 0 && (
        <Section title={count(measures.length, "measure")}>
          <Table.ScrollContainer minWidth={640}>
            <Table aria-label="Measures" verticalSpacing="sm">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>What</Table.Th>
                  <Table.Th>Risk</Table.Th>
                  <Table.Th>Why, and what may go wrong</Table.Th>
                  <Table.Th ta="right">Saves a month</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {measures.map((measure, index) => (
                  <Table.Tr key={index} className="wrap-anywhere">
                    <Table.Td fw={600}>{textIn(measure, "title")}</Table.Td>
                    <Table.Td>
                      <StateBadge state={textIn(measure, "risk")} />
                    </Table.Td>
                    <Table.Td>
                      <Text size="sm">{textIn(measure, "why")}</Text>
                      <Text size="sm" c="dimmed">
                        {textIn(measure, "danger")}
                      </Text>
                    </Table.Td>
                    <Table.Td ta="right">{asMoney(numberIn(measure, "saving") ?? 0)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </Section>
      )}
      {textsIn(answer, "uncounted").map((text) => (
        <Text key={text} size="sm" c="dimmed">
          Not counted: {text}
        </Text>
      ))}
    </Stack>
  );
}
