import { Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { Link } from "@/components/Link";
import { Listing } from "@/components/Listing";
import { Empty, Loaded } from "@/components/states";
import { $api } from "@/lib/api/client";
import type { BookView, PriceView } from "@/lib/api/schema";
import { has, useSome } from "../lists";

export function Prices({ book }: { book: BookView }) {
  const [region, setRegion] = useState(book.usual_region ?? null);
  const [type, setType] = useState("");
  const query = $api.useQuery("get", "/api/v1/prices/{provider}", {
    params: { path: { provider: book.provider }, query: { region } },
  });
  return (
    <Stack>
      <Link to="/settings/prices" size="sm">
        All price books
      </Link>
      <Group align="flex-end">
        {(book.regions ?? []).length > 0 && (
          <Select
            label="Region"
            data={[...(book.regions ?? [])]}
            value={region}
            allowDeselect={false}
            onChange={setRegion}
          />
        )}
        <TextInput
          label="Type"
          placeholder="all"
          value={type}
          maxLength={100}
          onChange={(event) => setType(event.currentTarget.value)}
        />
      </Group>
      <Loaded query={query}>
        {({ items }) => {
          const found = items.filter((price) => has(price.type, type));
          return found.length === 0 ? <Empty title="No price fits" /> : <Table prices={found} />;
        }}
      </Loaded>
    </Stack>
  );
}

function Table({ prices }: { prices: readonly PriceView[] }) {
  return (
    <Listing
      label="Prices"
      keyOf={({ type, region, market }) => `${type} ${region} ${market}`}
      columns={[
        { title: "Type", cell: ({ type }) => type },
        { title: "Paid", cell: ({ market }) => market.replaceAll("_", " ") },
        { title: "vCPU", cell: ({ vcpu }) => vcpu, right: true },
        { title: "GiB", cell: ({ memory_gib }) => memory_gib, right: true },
        { title: "GPU", cell: ({ gpu }) => (gpu === undefined || gpu === 0 ? "" : gpu), right: true },
        { title: "USD an hour", cell: ({ usd_hour }) => usd_hour, right: true },
        {
          title: "From",
          cell: ({ kind, source, date }) => (
            <>
              <Text size="sm">{[kind, date].filter(Boolean).join(" · ")}</Text>
              <Text size="xs" c="dimmed">
                {source}
              </Text>
            </>
          ),
        },
      ]}
      {...useSome(prices)}
    />
  );
}
