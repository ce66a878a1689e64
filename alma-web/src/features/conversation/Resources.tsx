/** What the draft consists of: one resource with all its fields, or all of them to choose from. */
import { Badge, Button, Group, NavLink, Stack, Text, Title } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import type { Blueprint, Origin, Resource } from "@/lib/api/schema";
import { words } from "@/lib/format";
import { fieldsOf, guessesIn, headOf } from "./fields";
import { FieldTable, GuessCount } from "./FieldTable";
import type { Changes } from "./turns";

interface ResourcesProps {
  blueprint: Blueprint;
  origins: Record<string, Origin>;
  changes: Changes;
  selected: string | null;
  onSelect: (name: string | null) => void;
}

export function Resources({ blueprint, origins, changes, selected, onSelect }: ResourcesProps) {
  const resources = blueprint.resources ?? [];
  const one = resources.find(({ name }) => name === selected);
  if (one !== undefined) {
    return <One resource={one} origins={origins} onBack={() => onSelect(null)} />;
  }
  return (
    <Stack gap="sm">
      <div>
        {resources.map((resource) => (
          <NavLink
            key={resource.name}
            component="button"
            py={4}
            label={resource.name}
            classNames={{ label: "wrap-anywhere" }}
            description={words(resource.type)}
            onClick={() => onSelect(resource.name)}
            rightSection={
              <Group gap={6}>
                <ChangeMark name={resource.name} changes={changes} />
                <GuessCount number={guessesIn(fieldsOf(resource, origins))} />
              </Group>
            }
          />
        ))}
      </div>
      {changes.removed.length > 0 && (
        <Text size="sm" className="wrap-anywhere">
          Removed in the last turn: {changes.removed.join(", ")}
        </Text>
      )}
      <FieldTable label={`Fields of ${blueprint.name}`} fields={headOf(blueprint, origins)} />
    </Stack>
  );
}

function One({
  resource,
  origins,
  onBack,
}: {
  resource: Resource;
  origins: Record<string, Origin>;
  onBack: () => void;
}) {
  const fields = fieldsOf(resource, origins);
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <Button size="compact-sm" variant="subtle" leftSection={<IconArrowLeft size={14} />} onClick={onBack}>
          All resources
        </Button>
        <Title order={2} size="h5">
          {resource.name}
        </Title>
        <GuessCount number={guessesIn(fields)} />
      </Group>
      <FieldTable label={`Fields of ${resource.name}`} fields={fields} />
    </Stack>
  );
}

function ChangeMark({ name, changes }: { name: string; changes: Changes }) {
  const what = changes.added.includes(name) ? "new" : changes.changed.includes(name) ? "changed" : null;
  if (what === null) return null;
  return (
    <Badge size="sm" variant="light" autoContrast tt="none" color={what === "new" ? "green" : "blue"}>
      {what}
    </Badge>
  );
}
