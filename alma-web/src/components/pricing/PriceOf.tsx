/** What a blueprint costs a month with the prices that one chooses: asked of the server, which adds it all up. */
import { Group, Loader, Select, Stack, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { CostTable } from "@/components/CostTable";
import { ProblemAlert } from "@/components/states";
import { $api, api } from "@/lib/api/client";
import type { BookView, Estimate } from "@/lib/api/schema";
import { money } from "@/lib/format";
import { useMay } from "@/lib/permissions";
import { Problem } from "@/lib/api/problem";

/** A saved blueprint by its number, or a document. */
type Priced = { id: number; revision: number } | { document: object };

async function estimated(priced: Priced, provider: string, region: string | null): Promise<Estimate> {
  const wanted = "id" in priced ? { blueprint_id: priced.id } : { blueprint: priced.document };
  const { data } = await api.POST("/api/v1/tools/execute-direct", {
    body: {
      tool_name: "estimate_resources",
      parameters: { ...wanted, provider: [provider], ...(region === null ? {} : { region }) } as never,
    },
  });
  const costs = data?.result?.costs as Estimate[] | undefined;
  const [first] = costs ?? [];
  if (first === undefined)
    throw new Problem(data?.error ?? "The server named no price", { code: "no_price", status: 1 });
  return first;
}

export function PriceOf({ of }: { of: Priced }) {
  const books = $api.useQuery("get", "/api/v1/prices", {}, { staleTime: 300_000 });
  const may = useMay("tool:run");
  const [provider, setProvider] = useState<string | null>(null);
  const [region, setRegion] = useState<string | null>(null);
  const items = books.data?.items ?? [];
  const book = items.find((item) => item.provider === provider) ?? items[0];
  const price = useQuery({
    queryKey: ["post", "/api/v1/tools/execute-direct", "price", of, book?.provider, region],
    queryFn: () => estimated(of, book?.provider ?? "", region),
    enabled: may && book !== undefined,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  if (!may) return <Text c="dimmed">Prices are worked out by a tool, which your role may not run.</Text>;
  if (books.error !== null)
    return <ProblemAlert problem={books.error} onRetry={() => void books.refetch()} />;
  return (
    <Stack gap="sm">
      <Group align="flex-end" gap="sm">
        <Select
          label="Price book"
          w={220}
          data={items.map((item) => ({ value: item.provider, label: item.title }))}
          value={book?.provider ?? null}
          onChange={(next) => {
            setProvider(next);
            setRegion(null);
          }}
          allowDeselect={false}
        />
        {(book?.regions ?? []).length > 0 && (
          <Select
            label="Region"
            w={180}
            data={book?.regions ?? []}
            value={region ?? book?.usual_region ?? null}
            onChange={setRegion}
            allowDeselect={false}
          />
        )}
        {price.isFetching && <Loader size="sm" mb={8} aria-label="Working out the price" />}
      </Group>
      {price.error !== null && <ProblemAlert problem={price.error} onRetry={() => void price.refetch()} />}
      {price.data !== undefined && <Told estimate={price.data} book={book} />}
    </Stack>
  );
}

function Told({ estimate, book }: { estimate: Estimate; book: BookView | undefined }) {
  return (
    <Stack gap="xs">
      <Text size="xl" fw={700} data-testid="monthly">
        {money(estimate.monthly ?? 0, estimate.currency)}{" "}
        <Text span size="sm" c="dimmed" fw={400}>
          a month{book === undefined ? "" : `, figures of ${book.first} to ${book.last}`}
        </Text>
      </Text>
      <CostTable estimate={estimate} />
    </Stack>
  );
}
