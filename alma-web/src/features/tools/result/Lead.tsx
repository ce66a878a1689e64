import { Box, Paper, SimpleGrid, Text } from "@mantine/core";
import type { ReactNode } from "react";

export interface Tile {
  label: string;
  value: ReactNode;
  note?: ReactNode;
}

/** The few figures that the rest explains. */
export function Lead({ tiles }: { tiles: readonly (Tile | null)[] }) {
  const shown = tiles.filter((tile): tile is Tile => tile !== null);
  if (shown.length === 0) return null;
  return (
    <SimpleGrid component="dl" m={0} cols={{ base: 2, md: Math.min(4, shown.length) }} spacing="sm">
      {shown.map(({ label, value, note }) => (
        <Paper key={label} withBorder p="sm" miw={0} className="wrap-anywhere">
          <Text component="dt" size="xs" c="dimmed">
            {label}
          </Text>
          <Box component="dd" m={0}>
            <Text component="div" size="xl" fw={700} lh={1.3}>
              {value}
            </Text>
            {note !== undefined && (
              <Text component="div" size="xs" c="dimmed">
                {note}
              </Text>
            )}
          </Box>
        </Paper>
      ))}
    </SimpleGrid>
  );
}

export function tile(
  label: string,
  value: number | null,
  tell: (value: number) => string,
  note?: ReactNode,
): Tile | null {
  return value === null ? null : { label, value: tell(value), note };
}
