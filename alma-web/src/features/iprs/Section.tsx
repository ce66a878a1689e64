import { Card, Group, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

interface SectionProps {
  title: string;
  /** How many, or what it comes to. */
  beside?: ReactNode;
  about?: string;
  id?: string;
  children: ReactNode;
}

/** One part of what a reviewer looks at. */
export function Section({ title, beside, about, id, children }: SectionProps) {
  return (
    <Card
      withBorder
      component="section"
      padding="md"
      aria-label={title}
      id={id}
      tabIndex={id === undefined ? undefined : -1}
      style={{ scrollMarginTop: 72, overflow: "visible" }}
    >
      <Stack gap="sm">
        <Group justify="space-between" gap="xs" align="baseline">
          <Title order={2} size="h4">
            {title}
          </Title>
          {beside}
        </Group>
        {about !== undefined && (
          <Text size="sm" c="dimmed">
            {about}
          </Text>
        )}
        {children}
      </Stack>
    </Card>
  );
}
