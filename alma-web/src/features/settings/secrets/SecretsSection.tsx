import { Alert, Badge, Code, Group, List, Paper, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { Listing } from "@/components/Listing";
import { Loaded } from "@/components/states";
import { When } from "@/components/When";
import { $api, api } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";
import type { DataKey, Sealing } from "@/lib/api/schema";
import { count } from "@/lib/format";
import { Asking } from "@/components/acting";
import { resealAll } from "./resealAll";

export default function SecretsSection() {
  const query = $api.useQuery("get", "/api/v1/secrets");
  return (
    <Loaded query={query}>
      {(sealing) => (
        <Stack gap="lg">
          <Masters sealing={sealing} />
          <DataKeys sealing={sealing} />
          <Values sealing={sealing} />
        </Stack>
      )}
    </Loaded>
  );
}

function rotate(body: { master: boolean; data_key: boolean }) {
  return async () => {
    await api.POST("/api/v1/secrets/rotate", { body });
    changed("/api/v1/secrets");
  };
}

function Masters({ sealing: { masters, droppable, extensible } }: { sealing: Sealing }) {
  return (
    <Paper withBorder p="md" component="section" aria-label="Master key">
      <Group justify="space-between" align="flex-start">
        <Title order={2} size="h4">
          Master key
        </Title>
        {extensible && (
          <Asking
            label="New master key"
            confirm="Make a new one"
            done="There is a new master key."
            work={rotate({ master: true, data_key: false })}
          >
            <Text size="sm">
              It goes into <Code>secret.key</Code> beside the old ones, and data keys are sealed under it.
              Nothing is interrupted. Keep a copy of that file: without it, no secret can be read.
            </Text>
          </Asking>
        )}
      </Group>
      <Text size="sm" mb="xs">
        Seals the data keys. It never stands in the database.
      </Text>
      <Group gap="xs">
        {masters.map((id, index) => (
          <Badge key={id} variant={index === 0 ? "filled" : "outline"} tt="none">
            {id}
            {index === 0 && " · current"}
            {droppable.includes(id) && " · nothing needs it"}
          </Badge>
        ))}
      </Group>
      {!extensible && (
        <Text size="sm" c="dimmed" mt="xs">
          It is given from outside: renew it there, as <Code>old,new</Code> first and <Code>new,old</Code>{" "}
          after.
        </Text>
      )}
    </Paper>
  );
}

function DataKeys({ sealing: { data_keys, values } }: { sealing: Sealing }) {
  const held = new Map(values.map(({ key, values: number }) => [key, number]));
  const cellOf = ({ id }: DataKey) => count(held.get(id) ?? 0, "value");
  return (
    <Paper withBorder p="md" component="section" aria-label="Data keys">
      <Group justify="space-between" align="flex-start">
        <Title order={2} size="h4">
          Data keys
        </Title>
        <Asking
          label="New data key"
          confirm="Make a new one"
          done="What is written next is under a new data key."
          work={rotate({ master: false, data_key: true })}
        >
          <Text size="sm">
            What is written next is encrypted with it. What was written before stays readable, and can be
            encrypted again here.
          </Text>
        </Asking>
      </Group>
      <Listing
        label="Data keys"
        items={data_keys}
        keyOf={({ id }) => id}
        columns={[
          {
            title: "Key",
            cell: ({ id, retired_at }) => (
              <Group gap="xs">
                <Code>{id}</Code>
                {retired_at == null && <Badge variant="light">current</Badge>}
              </Group>
            ),
          },
          { title: "Under it", cell: cellOf },
          { title: "Made", cell: ({ created_at }) => <When at={created_at} /> },
          { title: "Sealed by", cell: ({ master }) => <Code>{master}</Code> },
        ]}
      />
    </Paper>
  );
}

function Values({ sealing: { stale, credentials } }: { sealing: Sealing }) {
  const [unreadable, setUnreadable] = useState<string[]>([]);
  return (
    <Paper withBorder p="md" component="section" aria-label="Encrypted values">
      <Group justify="space-between" align="flex-start">
        <Title order={2} size="h4">
          Encrypted values
        </Title>
        {stale > 0 && (
          <Asking
            label="Encrypt them again"
            confirm="Encrypt them again"
            done="All that can be read is under the current data key."
            work={async () => setUnreadable(await resealAll())}
          >
            <Text size="sm">In batches, while everything runs. It may be left off and begun again.</Text>
          </Asking>
        )}
      </Group>
      <Text size="sm">
        {stale === 0
          ? "All of them are under the current data key."
          : `${count(stale, "value")} not under the current data key yet.`}
      </Text>
      {credentials.map(({ key, values }) => (
        <Text key={key} size="sm">
          {count(values, "API key or sign-in", "API keys and sign-ins")} still hang on the master key {key}.
        </Text>
      ))}
      {unreadable.length > 0 && (
        <Alert color="red" mt="sm" title="These can't be read with any key at hand" className="wrap-anywhere">
          <List size="sm">
            {unreadable.map((place) => (
              <List.Item key={place}>{place}</List.Item>
            ))}
          </List>
        </Alert>
      )}
    </Paper>
  );
}
