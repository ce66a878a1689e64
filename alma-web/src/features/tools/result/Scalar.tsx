import { Badge, Group, List, Text } from "@mantine/core";
import { StateBadge } from "@/components/StateBadge";
import { type Around, isState, told } from "./shape";

/** One value: words, a figure with its unit, or how something stands. */
export function Scalar({
  name,
  value,
  around,
}: {
  name: string;
  value: string | number | boolean;
  around: Around;
}) {
  if (isState(name, value)) return <StateBadge state={value} />;
  return (
    <Text component="span" size="sm" className="wrap-anywhere" ff={isCode(value) ? "monospace" : undefined}>
      {told(name, value, around)}
    </Text>
  );
}

function isCode(value: unknown): boolean {
  return typeof value === "string" && /^(sha256:|[a-z]+\.[a-z0-9_.-]+\.[a-z0-9_.-]+$)/.test(value);
}

const SHORT = 24;

export function Texts({
  name,
  values,
  around,
}: {
  name: string;
  values: readonly (string | number | boolean)[];
  around: Around;
}) {
  const texts = values.map((value) => told(name, value, around));
  if (texts.every((text) => text.length <= SHORT)) {
    return (
      <Group gap={6}>
        {texts.map((text, index) => (
          <Badge
            key={`${index} ${text}`}
            variant="light"
            color="gray"
            tt="none"
            autoContrast
            h="auto"
            className="wrap-anywhere"
          >
            {text}
          </Badge>
        ))}
      </Group>
    );
  }
  return (
    <List size="sm" spacing={4} className="wrap-anywhere">
      {texts.map((text, index) => (
        <List.Item key={`${index} ${text}`}>{text}</List.Item>
      ))}
    </List>
  );
}
