import { Box, Title } from "@mantine/core";
import type { ReactNode } from "react";

export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Box component="section" miw={0}>
      <Title order={2} size="h4" mb={6}>
        {title}
      </Title>
      {children}
    </Box>
  );
}
