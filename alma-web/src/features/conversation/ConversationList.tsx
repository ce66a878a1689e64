/** All conversations of the caller: to find one, give it another title, or forget it. */
import { ActionIcon, Box, Button, Drawer, Group, Menu, Stack, Text, TextInput } from "@mantine/core";
import { IconDots, IconPencil, IconPlus, IconSearch, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { Link } from "@/components/Link";
import { Empty, Loaded } from "@/components/states";
import { StateBadge } from "@/components/StateBadge";
import { When } from "@/components/When";
import { $api } from "@/lib/api/client";
import { byCursor, pagesOf } from "@/lib/api/pages";
import type { ConversationItem } from "@/lib/api/schema";
import { count } from "@/lib/format";
import { Forget, Rename } from "./Renaming";

const PAGE = 50;

interface ConversationListProps {
  current: string | null;
  onClose: () => void;
}

export default function ConversationList({ current, onClose }: ConversationListProps) {
  const navigate = useNavigate();
  return (
    <Drawer
      opened
      onClose={onClose}
      title="Conversations"
      closeButtonProps={{ "aria-label": "Close" }}
      size={400}
    >
      <Stack>
        <Button
          leftSection={<IconPlus size={16} />}
          variant="light"
          onClick={() => {
            onClose();
            void navigate("/");
          }}
        >
          New conversation
        </Button>
        <Found current={current} onClose={onClose} />
      </Stack>
    </Drawer>
  );
}

function Found({ current, onClose }: ConversationListProps) {
  const [sought, setSought] = useState("");
  const query = $api.useInfiniteQuery(
    "get",
    "/api/v1/conversation",
    { params: { query: { limit: PAGE } } },
    byCursor,
  );
  return (
    <Loaded query={query}>
      {() => {
        const { items, total, more } = pagesOf(query);
        const found = items.filter(({ title }) => title.toLowerCase().includes(sought.trim().toLowerCase()));
        if (total === 0) {
          return <Empty title="Nothing was said yet">Say what you want to run, and it is kept here.</Empty>;
        }
        return (
          <Stack gap="sm">
            <TextInput
              aria-label="Search the titles"
              placeholder="Search the titles"
              leftSection={<IconSearch size={16} />}
              value={sought}
              onChange={(event) => setSought(event.currentTarget.value)}
            />
            <Stack gap={4} component="ul" p={0} m={0} aria-label="Conversations">
              {found.map((item) => (
                <Item key={item.id} item={item} here={item.id === current} onClose={onClose} />
              ))}
            </Stack>
            {found.length === 0 && <Text c="dimmed">No title has that in it.</Text>}
            {more.has && (
              <>
                <Text size="sm" c="dimmed" ta="center">
                  {items.length.toLocaleString("en-US")} of {count(total, "conversation")} are looked through.
                </Text>
                <Button variant="default" loading={more.loading} onClick={more.fetch}>
                  Show more
                </Button>
              </>
            )}
          </Stack>
        );
      }}
    </Loaded>
  );
}

function Item({ item, here, onClose }: { item: ConversationItem; here: boolean; onClose: () => void }) {
  const [doing, setDoing] = useState<"rename" | "forget" | null>(null);
  const over = () => setDoing(null);
  return (
    <Group component="li" gap="xs" wrap="nowrap" align="flex-start" py={4}>
      <Box flex={1} miw={0}>
        <Link
          to={`/conversations/${encodeURIComponent(item.id)}`}
          lineClamp={2}
          size="sm"
          fw={here ? 700 : 500}
          className="wrap-anywhere"
          onClick={onClose}
        >
          {item.title}
        </Link>
        <Group gap="xs" c="dimmed" fz="xs">
          <When at={item.updated_at} />
          <span>{count(item.turns, "message")}</span>
          {item.state !== null && item.state !== "answered" && <StateBadge state={item.state} />}
        </Group>
      </Box>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`More of ${item.title}`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setDoing("rename")}>
            Rename
          </Menu.Item>
          <Menu.Item leftSection={<IconTrash size={16} />} color="red" onClick={() => setDoing("forget")}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {doing === "rename" && <Rename item={item} onClose={over} />}
      {doing === "forget" && <Forget item={item} here={here} onClose={over} />}
    </Group>
  );
}
