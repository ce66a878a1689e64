import { Badge, Group, Paper, Stack, Text } from "@mantine/core";
import { Handle, Position } from "@xyflow/react";
import type { Resource } from "@/lib/api/schema";
import { words } from "@/lib/format";
import { ICONS } from "./icons";
import { NODE } from "./layout";

export type CardData = {
  resource: Resource;
  mark: { text: string; color: string } | undefined;
  highlighted: boolean;
  selected: boolean;
};

export type GroupData = { resource: Resource; width: number; height: number };

const HIDDEN = { opacity: 0, pointerEvents: "none" } as const;

/** One resource: what it is, how many, on which engine. */
export function ResourceCard({ resource, mark, highlighted, selected }: CardData) {
  const Icon = ICONS[resource.type];
  const many = (resource.count ?? 1) > 1;
  const border = highlighted || selected ? "var(--mantine-color-alma-6)" : undefined;
  return (
    <Paper
      withBorder
      w={NODE.width}
      h={NODE.height}
      px="sm"
      py={6}
      shadow={selected ? "md" : "xs"}
      style={{ borderColor: border, borderWidth: border === undefined ? 1 : 2 }}
      data-highlighted={highlighted || undefined}
    >
      <Handle type="target" position={Position.Left} style={HIDDEN} />
      <Group gap={6} wrap="nowrap">
        <Icon size={20} aria-hidden style={{ flexShrink: 0 }} />
        <Text fw={600} size="sm" truncate title={resource.name}>
          {resource.name}
        </Text>
        {many && (
          <Badge size="xs" variant="default" style={{ flexShrink: 0 }}>
            ×{resource.count}
          </Badge>
        )}
      </Group>
      <Group gap={4} wrap="nowrap" mt={4}>
        <Text size="xs" c="dimmed" truncate>
          {describe(resource)}
        </Text>
        {mark !== undefined && (
          <Badge size="xs" color={mark.color} variant="light" autoContrast style={{ flexShrink: 0 }}>
            {mark.text}
          </Badge>
        )}
      </Group>
      <Handle type="source" position={Position.Right} style={HIDDEN} />
    </Paper>
  );
}

function describe({ type, engine, specs }: Resource): string {
  const size = [
    specs?.cpu !== undefined && specs.cpu !== null ? `${specs.cpu} CPU` : null,
    specs?.memory ?? null,
  ];
  return [engine ?? words(type), ...size].filter((part) => part !== null).join(" · ");
}

export function GroupBox({ resource, width, height }: GroupData) {
  return (
    <Stack
      w={width}
      h={height}
      p={8}
      style={{
        border: "1px dashed var(--mantine-color-dimmed)",
        borderRadius: "var(--mantine-radius-md)",
        background: "color-mix(in srgb, var(--mantine-color-alma-6) 6%, transparent)",
      }}
    >
      <Text size="xs" fw={600} truncate>
        {resource.name} {resource.cidr ?? ""}
      </Text>
    </Stack>
  );
}
