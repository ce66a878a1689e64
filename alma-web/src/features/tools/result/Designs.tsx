/** Designs side by side: what each costs, how often it is away, what it gives up. */
import { Accordion, Badge, Card, Group, List, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { type Answer, isAnswer, numberIn, recordIn, recordsIn, textIn, textsIn } from "@/lib/answer";
import { figure, money, words } from "@/lib/format";
import { BlueprintPart } from "./BlueprintPart";
import { Facts } from "./Facts";

export function DesignsView({ answer }: { answer: Answer }) {
  return (
    <SimpleGrid cols={{ base: 1, lg: Math.min(3, Math.max(1, recordsIn(answer, "designs").length)) }}>
      {recordsIn(answer, "designs").map((design) => (
        <Design
          key={textIn(design, "kind")}
          design={design}
          recommended={textIn(answer, "recommended") === textIn(design, "kind")}
        />
      ))}
    </SimpleGrid>
  );
}

function Design({ design, recommended }: { design: Answer; recommended: boolean }) {
  const away = recordIn(design, "availability");
  const carries = recordIn(design, "carries");
  const cost = numberIn(design, "monthly_cost");
  const [machines, cpu] = [numberIn(design, "machines"), numberIn(design, "cpu")];
  return (
    <Card withBorder padding="md" className="wrap-anywhere">
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start" wrap="nowrap">
          <Title order={2} size="h4">
            {textIn(design, "title")}
          </Title>
          {recommended && <Badge style={{ flexShrink: 0 }}>recommended</Badge>}
        </Group>
        <Text size="xl" fw={700}>
          {cost === null ? "No price" : `${money(cost)} a month`}
        </Text>
        <Text size="sm">
          Available {figure(numberIn(away, "percent"))} % of the time:{" "}
          {figure(numberIn(away, "hours_away_a_year"))} hours away a year. The weakest part:{" "}
          {words(textIn(away, "weakest"))}.
        </Text>
        <Text size="sm">
          Carries {figure(numberIn(carries, "users"))} users (
          {figure(numberIn(carries, "requests_per_second"))} requests a second);{" "}
          {words(textIn(carries, "bottleneck"))} gives out first.
        </Text>
        <Text size="sm" c="dimmed">
          {figure(machines)} machines, {figure(cpu)} CPU, {figure(numberIn(design, "memory_gib"))} GiB memory.
          Survives: {textIn(design, "survives")}.
        </Text>
        {textsIn(design, "why_not").map((text) => (
          <Text key={text} size="sm" c="red">
            {text}
          </Text>
        ))}
        <List size="sm">
          {textsIn(design, "trade_offs").map((text) => (
            <List.Item key={text}>{text}</List.Item>
          ))}
        </List>
        <Facts
          facts={[
            ["rules_broken", numberIn(design, "rules_broken")],
            ["policy_score", numberIn(design, "policy_score")],
          ]}
          around={{ parent: "design", currency: "USD" }}
        />
        <Accordion variant="separated">
          <Accordion.Item value="blueprint">
            <Accordion.Control>Blueprint</Accordion.Control>
            <Accordion.Panel>
              {isAnswer(design.blueprint) && <BlueprintPart blueprint={design.blueprint} />}
            </Accordion.Panel>
          </Accordion.Item>
          <Accordion.Item value="working">
            <Accordion.Control>How the availability was worked out</Accordion.Control>
            <Accordion.Panel>
              <List size="sm">
                {textsIn(away, "working").map((text) => (
                  <List.Item key={text}>{text}</List.Item>
                ))}
              </List>
            </Accordion.Panel>
          </Accordion.Item>
        </Accordion>
      </Stack>
    </Card>
  );
}
