import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconKey } from "@tabler/icons-react";
import { useState } from "react";
import { Listing } from "@/components/Listing";
import { Empty, Loaded } from "@/components/states";
import { When } from "@/components/When";
import { $api, api } from "@/lib/api/client";
import { byCursor, pagesOf } from "@/lib/api/pages";
import { changed } from "@/lib/api/queries";
import type { KeyView, NewKeyView } from "@/lib/api/schema";
import { count } from "@/lib/format";
import { Asking } from "@/components/acting";
import { meaningOf } from "../access";
import { NewKey } from "./NewKey";
import { SecretOnce } from "./SecretOnce";

export default function KeysSection() {
  const query = $api.useInfiniteQuery("get", "/api/v1/keys", { params: { query: { limit: 50 } } }, byCursor);
  const [opened, { open, close }] = useDisclosure();
  const [made, setMade] = useState<NewKeyView | null>(null);
  const create = (
    <Button leftSection={<IconKey size={16} />} onClick={open}>
      New key
    </Button>
  );
  return (
    <Stack>
      <Loaded query={query}>
        {() => {
          const keys = pagesOf(query);
          return keys.items.length === 0 ? (
            <Empty title="No program has a key yet" action={create}>
              A pipeline or a script shows one as <code>X-API-Key</code> instead of signing in. Give each
              program its own, with as little as it needs.
            </Empty>
          ) : (
            <>
              <Group>{create}</Group>
              <Keys {...keys} />
            </>
          );
        }}
      </Loaded>
      {opened && <NewKey onMade={setMade} onClose={close} />}
      {made !== null && <SecretOnce made={made} onClose={() => setMade(null)} />}
    </Stack>
  );
}

function Keys(keys: ReturnType<typeof pagesOf<KeyView>>) {
  return (
    <Listing
      label="API keys"
      keyOf={({ id }) => id}
      columns={[
        { title: "Key", cell: (key) => <Named item={key} /> },
        { title: "May", cell: (key) => <Scope item={key} /> },
        { title: "Last used", cell: ({ last_used_at: at }) => (at === null ? "never" : <When at={at} />) },
        { title: "Ends", cell: ({ expires_at: at }) => (at === null ? "never" : <When at={at} />) },
        { title: "", cell: (key) => endOf(key) === null && <Revoke item={key} />, right: true },
      ]}
      {...keys}
    />
  );
}

/** Why a key opens nothing any more; null while it does. */
function endOf({ revoked_at, expires_at }: KeyView): "revoked" | "expired" | null {
  if (revoked_at !== null) return "revoked";
  return expires_at !== null && new Date(expires_at).getTime() <= Date.now() ? "expired" : null;
}

function Named({ item }: { item: KeyView }) {
  const end = endOf(item);
  return (
    <>
      <Group gap="xs">
        <Text size="sm" fw={600}>
          {item.name}
        </Text>
        {end !== null && (
          <Badge color="gray" variant="light" autoContrast>
            {end}
          </Badge>
        )}
      </Group>
      <Text size="xs" c="dimmed">
        {item.id} · {item.owner} · {item.project ?? "every project"}
      </Text>
    </>
  );
}

function Scope({ item: { administrator, permissions } }: { item: KeyView }) {
  if (administrator)
    return (
      <Badge color="orange" variant="light" autoContrast>
        everything, everywhere
      </Badge>
    );
  return (
    <details>
      <summary>{count(permissions.length, "permission")}</summary>
      {permissions.map((permission) => (
        <Text key={permission} size="xs">
          {meaningOf(permission)}
        </Text>
      ))}
    </details>
  );
}

function Revoke({ item }: { item: KeyView }) {
  return (
    <Asking
      label="Revoke"
      named={item.name}
      title={`Revoke the key ${item.name}?`}
      confirm="Revoke it"
      done="The key opens nothing any more."
      work={async () => {
        await api.DELETE("/api/v1/keys/{key_id}", { params: { path: { key_id: item.id } } });
        changed("/api/v1/keys");
      }}
    >
      <Text size="sm">
        Whatever uses it is refused from the next request on, and so are the keys that it has made. It
        can&apos;t be given back.
      </Text>
    </Asking>
  );
}
