import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconUserPlus } from "@tabler/icons-react";
import { Listing } from "@/components/Listing";
import { Empty, Loaded } from "@/components/states";
import { When } from "@/components/When";
import { $api } from "@/lib/api/client";
import { byCursor, pagesOf } from "@/lib/api/pages";
import type { AccountView } from "@/lib/api/schema";
import { AccountActions } from "./AccountActions";
import { NewAccount } from "./NewAccount";

export default function AccountsSection() {
  const query = $api.useInfiniteQuery(
    "get",
    "/api/v1/accounts",
    { params: { query: { limit: 50 } } },
    byCursor,
  );
  const [opened, { open, close }] = useDisclosure();
  const create = (
    <Button leftSection={<IconUserPlus size={16} />} onClick={open}>
      New account
    </Button>
  );
  return (
    <Stack>
      <Loaded query={query}>
        {() => {
          const accounts = pagesOf(query);
          return accounts.items.length === 0 ? (
            <Empty title="Nobody has an account yet" action={create}>
              Make one for yourself first, as administrator: from then on, ALMA asks everybody to sign in.
            </Empty>
          ) : (
            <>
              <Group>{create}</Group>
              <Accounts {...accounts} />
            </>
          );
        }}
      </Loaded>
      {opened && <NewAccount first={query.data?.pages[0]?.total === 0} onClose={close} />}
    </Stack>
  );
}

function Accounts(accounts: ReturnType<typeof pagesOf<AccountView>>) {
  return (
    <Listing
      label="Accounts"
      keyOf={({ id }) => id}
      columns={[
        { title: "Account", cell: (account) => <Named account={account} /> },
        { title: "Signs in with", cell: waysOf },
        { title: "Made", cell: ({ created_at }) => <When at={created_at} /> },
        { title: "", cell: (account) => <AccountActions account={account} />, right: true },
      ]}
      {...accounts}
    />
  );
}

function Named({ account: { name, display, email, administrator, disabled_at } }: { account: AccountView }) {
  const more = [display, email].filter((text) => text !== null && text !== name).join(" · ");
  return (
    <>
      <Group gap="xs">
        <Text size="sm" fw={600}>
          {name}
        </Text>
        {administrator && (
          <Badge color="orange" variant="light" autoContrast>
            administrator
          </Badge>
        )}
        {disabled_at !== null && (
          <Badge color="gray" variant="light" autoContrast>
            disabled
          </Badge>
        )}
      </Group>
      {more !== "" && (
        <Text size="xs" c="dimmed">
          {more}
        </Text>
      )}
    </>
  );
}

function waysOf({ has_password, provider }: AccountView): string {
  const ways = [has_password ? "password" : null, provider].filter((way) => way !== null);
  return ways.join(", ") || "nothing yet";
}
