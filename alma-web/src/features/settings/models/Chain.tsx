/** Which models the project asks, in their order, and within what limits: as the server tells it. */
import { Badge, Group, List, Paper, Stack, Table, Text, Title } from "@mantine/core";
import type { ChainedModel, ModelChain, ModelsInUse } from "@/lib/api/schema";
import { count, duration, money } from "@/lib/format";

export function Chain({ inUse, chain }: { inUse: ModelsInUse; chain: ModelChain }) {
  return (
    <Paper withBorder p="md" component="section" aria-label="Models">
      <Stack gap="sm">
        <Title order={2} size="h4">
          Asked in this order
        </Title>
        <Table.ScrollContainer minWidth={480}>
          <Table aria-label="Models in their order">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Model</Table.Th>
                <Table.Th>Where</Table.Th>
                <Table.Th ta="right">Read</Table.Th>
                <Table.Th ta="right">Written</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {chain.models.map((model, place) => (
                <Table.Tr key={`${place} ${model.name}`}>
                  <Table.Td>
                    <Named model={model} first={place === 0} />
                  </Table.Td>
                  <Table.Td miw={150} className="wrap-anywhere">
                    {model.host ?? "its provider"}
                  </Table.Td>
                  <Table.Td ta="right">{priceOf(model.price_in)}</Table.Td>
                  <Table.Td ta="right">{priceOf(model.price_out)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
        <Text size="sm" c="dimmed">
          Prices are for a million tokens.
        </Text>
        <Budget inUse={inUse} budget={chain.budget} />
        <Limits chain={chain} />
      </Stack>
    </Paper>
  );
}

function Named({ model, first }: { model: ChainedModel; first: boolean }) {
  return (
    <Group gap="xs">
      <Text size="sm" fw={600} className="wrap-anywhere">
        {model.name}
      </Text>
      {!first && (
        <Badge variant="light" color="gray" autoContrast>
          fallback
        </Badge>
      )}
    </Group>
  );
}

function Budget({ inUse: { month, spent }, budget }: { inUse: ModelsInUse; budget: number | null }) {
  const used = budget !== null && spent >= budget;
  return (
    <Text size="sm">
      {money(spent)} spent in {month}
      {budget === null ? ", without a limit." : ` of ${money(budget)}.`}
      {used && " No model is asked until the next month begins or the budget is raised."}
    </Text>
  );
}

function Limits({ chain }: { chain: ModelChain }) {
  return (
    <List size="sm" c="dimmed">
      <List.Item>
        {chain.use === "when_unsure"
          ? "Asked only where ALMA itself is not sure that it understood."
          : "Asked for every message."}
      </List.Item>
      <List.Item>
        {duration(chain.timeout_seconds)} for an answer in all; {duration(chain.first_token_timeout)} of
        silence at most.
      </List.Item>
      <List.Item>
        Each is asked again up to {count(chain.retries, "time")} before the next one; answers have{" "}
        {count(chain.max_tokens, "token")} at most.
      </List.Item>
    </List>
  );
}

function priceOf(dollars: number | null): string {
  return dollars === null ? "not known" : money(dollars);
}
