import { Box, Flex, NavLink, Select, Stack, Text } from "@mantine/core";
import { Suspense } from "react";
import { Link as RouterLink, Navigate, useNavigate, useParams } from "react-router";
import { Link } from "@/components/Link";
import { Page } from "@/components/Page";
import { Empty, Waiting } from "@/components/states";
import { useCaller } from "@/lib/permissions";
import { offeredTo, type Section, SECTIONS } from "./sections";

const GROUPS = ["Project", "Installation", "You"] as const;

export default function SettingsPage() {
  const { section: id } = useParams();
  const offered = offeredTo(useCaller());
  const section = offered.find((candidate) => candidate.id === id);
  const first = offered[0];
  if (id === undefined && first !== undefined) return <Navigate to={`/settings/${first.id}`} replace />;
  return (
    <Flex direction={{ base: "column", md: "row" }} gap={{ base: "md", md: "xl" }} align="stretch">
      <Places offered={offered} here={id ?? ""} />
      <Box flex={1} miw={0}>
        {section === undefined ? <NotOffered id={id ?? ""} /> : <Shown section={section} />}
      </Box>
    </Flex>
  );
}

function Shown({ section: { title, about, Content } }: { section: Section }) {
  return (
    <Page title={title} about={about}>
      <Suspense fallback={<Waiting />}>
        <Content />
      </Suspense>
    </Page>
  );
}

function NotOffered({ id }: { id: string }) {
  const exists = SECTIONS.some((section) => section.id === id);
  return (
    <Page title="Settings">
      <Empty
        title={exists ? "You may not see this" : "There are no such settings"}
        action={<Link to="/settings">To the settings</Link>}
      >
        {exists && "Your roles in this project don't allow it. Whoever administers the project grants roles."}
      </Empty>
    </Page>
  );
}

function Places({ offered, here }: { offered: Section[]; here: string }) {
  const navigate = useNavigate();
  const groups = GROUPS.map((group) => ({ group, items: offered.filter((item) => item.group === group) }));
  return (
    <>
      <Select
        hiddenFrom="md"
        label="Settings"
        data={groups.map(({ group, items }) => ({
          group,
          items: items.map(({ id, title }) => ({ value: id, label: title })),
        }))}
        value={here}
        allowDeselect={false}
        onChange={(id) => id !== null && void navigate(`/settings/${id}`)}
      />
      <Stack
        component="nav"
        aria-label="Settings"
        visibleFrom="md"
        w={184}
        gap="md"
        style={{ flexShrink: 0 }}
      >
        {groups.map(({ group, items }) => (
          <div key={group}>
            <Text size="xs" fw={700} c="dimmed" px="sm" mb={4}>
              {group}
            </Text>
            {items.map(({ id, title }) => (
              <NavLink
                key={id}
                component={RouterLink}
                to={`/settings/${id}`}
                label={title}
                active={id === here}
                aria-current={id === here ? "page" : undefined}
                styles={{
                  label: { color: "var(--mantine-color-text)", fontWeight: id === here ? 600 : 400 },
                }}
                py={6}
                bdrs="md"
              />
            ))}
          </div>
        ))}
      </Stack>
    </>
  );
}
