/** Where nothing was said yet: what can be said, and what happens then. */
import { Box, SimpleGrid, Stack, Text, Title, UnstyledButton } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "@/components/Link";
import { When } from "@/components/When";
import { $api } from "@/lib/api/client";
import classes from "./conversation.module.css";

const EXAMPLES = [
  "2 web servers with nginx, a postgres database and a redis cache for production",
  "A kubernetes cluster with 5 nodes, under $500 a month",
  "A wordpress blog with daily backups",
  "What is running?",
];
const RECENT = 5;

/** `children`: the message box, between the invitation and the examples. */
export function Welcome({ onSay, children }: { onSay: (message: string) => void; children: ReactNode }) {
  return (
    <Stack gap="lg" maw={760} mx="auto" w="100%" className={classes.welcome}>
      <Box>
        <Title order={1} size="h2">
          What do you want to run?
        </Title>
        <Text c="dimmed" mt={4}>
          Say it in your own words. ALMA drafts a blueprint, says what it assumed and what it costs. Nothing
          touches infrastructure before somebody approves the plan.
        </Text>
      </Box>
      {children}
      <Stack gap="xs">
        <Text size="sm" fw={600} id="examples">
          For example
        </Text>
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xs" role="group" aria-labelledby="examples">
          {EXAMPLES.map((example) => (
            <UnstyledButton key={example} className={classes.example} onClick={() => onSay(example)}>
              <Text size="sm">{example}</Text>
            </UnstyledButton>
          ))}
        </SimpleGrid>
      </Stack>
      <Recent />
    </Stack>
  );
}

/** The conversations that moved last. Who wants another one looks at the list. */
function Recent() {
  const { data } = $api.useQuery("get", "/api/v1/conversation", { params: { query: { limit: RECENT } } });
  if (data === undefined || data.items.length === 0) return null;
  return (
    <Stack gap={4} component="section" aria-label="Recent conversations">
      <Text size="sm" fw={600}>
        Recent conversations
      </Text>
      {data.items.map(({ id, title, updated_at }) => (
        <Box key={id} className="wrap-anywhere">
          <Link to={`/conversations/${encodeURIComponent(id)}`} size="sm" lineClamp={1}>
            {title}
          </Link>
          <Text size="xs" c="dimmed" component="span">
            <When at={updated_at} />
          </Text>
        </Box>
      ))}
    </Stack>
  );
}
