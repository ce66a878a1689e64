import { Badge, Text } from "@mantine/core";
import { Link } from "@/components/Link";
import { Listing } from "@/components/Listing";
import { StateBadge } from "@/components/StateBadge";
import type { Rule } from "@/lib/api/schema";
import { useSome } from "../lists";

export function Rules({ rules }: { rules: readonly Rule[] }) {
  return (
    <Listing
      label="Rules"
      keyOf={({ id }) => id}
      columns={[
        {
          title: "Rule",
          cell: ({ id, title }) => (
            <>
              <Link to={`/settings/policies?rule=${encodeURIComponent(id)}`} size="sm" fw={600}>
                {title}
              </Link>
              <Text size="xs" c="dimmed">
                {id}
              </Text>
            </>
          ),
        },
        { title: "When broken", cell: ({ level }) => <LevelBadge level={level ?? "advisory"} /> },
        { title: "Severity", cell: ({ severity }) => <StateBadge state={severity} /> },
        { title: "Pack", cell: ({ pack }) => <Text size="sm">{pack}</Text> },
      ]}
      {...useSome(rules)}
    />
  );
}

const LEVELS = {
  mandatory: { color: "red", text: "blocks" },
  advisory: { color: "blue", text: "advises" },
  off: { color: "gray", text: "off" },
} as const;

export function LevelBadge({ level }: { level: keyof typeof LEVELS }) {
  const { color, text } = LEVELS[level];
  return (
    <Badge color={color} variant="light" autoContrast>
      {text}
    </Badge>
  );
}
