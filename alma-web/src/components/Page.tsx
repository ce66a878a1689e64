import { Box, Group, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";

interface PageProps {
  title: string;
  /** One sentence on what this is for. */
  about?: ReactNode;
  actions?: ReactNode;
  /** Where this is part of something: the way back. */
  above?: ReactNode;
  children: ReactNode;
}

/** One screen: its heading, what can be done, its content. */
export function Page({ title, about, actions, above, children }: PageProps) {
  useDocumentTitle(`${title} · ALMA`);
  return (
    <Stack gap="md">
      {above}
      <Group justify="space-between" align="flex-start" wrap="wrap">
        <Box flex="1 1 320px" miw={0}>
          <Title order={1} size="h2">
            {title}
          </Title>
          {about !== undefined && (
            <Text c="dimmed" className="wrap-anywhere">
              {about}
            </Text>
          )}
        </Box>
        {actions !== undefined && <Group gap="sm">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}
