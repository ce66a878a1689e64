/** Amounts against each other. What is drawn stands beside it in words. */
import { Box, Group, Progress, Stack, Text } from "@mantine/core";

export interface Bar {
  name: string;
  value: number;
  told: string;
  color?: string;
}

export function Bars({ label, rows }: { label: string; rows: readonly Bar[] }) {
  const most = Math.max(...rows.map(({ value }) => value), 0);
  return (
    <Stack gap={6} component="ul" aria-label={label} p={0} m={0} style={{ listStyle: "none" }}>
      {rows.map(({ name, value, told, color }) => (
        <Group key={name} component="li" gap="sm" wrap="nowrap">
          <Text size="sm" w={110} style={{ flexShrink: 0 }} className="wrap-anywhere">
            {name}
          </Text>
          <Box flex={1} miw={0} aria-hidden>
            <Progress.Root size="lg">
              <Progress.Section value={most === 0 ? 0 : (value / most) * 100} color={color} />
            </Progress.Root>
          </Box>
          <Text size="sm" w={110} ta="right" style={{ flexShrink: 0 }}>
            {told}
          </Text>
        </Group>
      ))}
    </Stack>
  );
}
