/** The objects that could be imported, each with the name it would get. */
import { Checkbox, Code, Group, Stack, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { Listing, type Column } from "@/components/Listing";
import { StateBadge } from "@/components/StateBadge";
import type { Discovered } from "@/lib/api/schema";
import { count, shown, words } from "@/lib/format";

interface CandidatesProps {
  items: readonly Discovered[];
  /** By the ids of what is chosen; an empty name: its own. */
  names: ReadonlyMap<string, string>;
  onChange: (names: ReadonlyMap<string, string>) => void;
}

const SOME = 50;

export function Candidates({ items, names, onChange }: CandidatesProps) {
  const [search, setSearch] = useState("");
  const [most, setMost] = useState(SOME);
  const wanted = search.toLowerCase();
  const found = items.filter(
    ({ name, object_id }) => name.toLowerCase().includes(wanted) || object_id.toLowerCase().includes(wanted),
  );
  const put = (id: string, name: string | null) => {
    const next = new Map(names);
    if (name === null) next.delete(id);
    else next.set(id, name);
    onChange(next);
  };
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Text fw={600}>
          {names.size > 0 ? `${count(names.size, "object")} chosen` : "Choose what belongs together"}
        </Text>
        <TextInput
          aria-label="Find an object"
          placeholder="Find by name or id"
          leftSection={<IconSearch size={16} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      </Group>
      <Listing
        label="Objects that belong to no stack"
        items={found.slice(0, most)}
        columns={columnsOf(names, put)}
        keyOf={({ object_id }) => object_id}
        total={found.length}
        more={{ has: found.length > most, loading: false, fetch: () => setMost(most + SOME) }}
      />
    </Stack>
  );
}

function columnsOf(
  names: ReadonlyMap<string, string>,
  put: (id: string, name: string | null) => void,
): Column<Discovered>[] {
  return [
    {
      title: "Object",
      cell: ({ object_id, name, type, obstacle }) => (
        <Checkbox
          label={name || object_id}
          description={
            obstacle === null || obstacle === undefined ? words(type) : `Can't be imported: ${obstacle}`
          }
          checked={names.has(object_id)}
          disabled={obstacle !== null && obstacle !== undefined}
          onChange={(event) => put(object_id, event.currentTarget.checked ? "" : null)}
        />
      ),
    },
    { title: "State", cell: ({ status }) => <StateBadge state={status ?? "unknown"} /> },
    {
      title: "Id and place",
      cell: ({ object_id, site }) => (
        <Stack gap={2} align="flex-start">
          <Code>{object_id}</Code>
          <Text size="xs" c="dimmed">
            {Object.entries(site ?? {})
              .map(([key, value]) => `${key} ${value}`)
              .join(", ")}
          </Text>
        </Stack>
      ),
    },
    {
      title: "Facts",
      cell: ({ facts }) => (
        <Text size="xs">
          {Object.entries(facts ?? {})
            .map(([path, value]) => `${path.replace("specs.", "")} ${shown(value)}`)
            .join(", ")}
        </Text>
      ),
    },
    {
      title: "Name in the blueprint",
      cell: ({ object_id, name }) =>
        names.has(object_id) ? (
          <TextInput
            aria-label={`Name of ${name || object_id} in the blueprint`}
            placeholder="its own, made fit"
            maxLength={63}
            value={names.get(object_id) ?? ""}
            onChange={(event) => put(object_id, event.currentTarget.value)}
          />
        ) : null,
    },
  ];
}
