/** A form made of a JSON Schema: what is needed first, the rest folded. */
import { Button, Collapse, Fieldset, SimpleGrid, Stack, Text } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useId, useState } from "react";
import { count } from "@/lib/format";
import { type Draft, groupOf, type Raw } from "./draft";
import type { Field } from "./fields";
import { FieldInput } from "./FieldInput";

interface SchemaFormProps {
  fields: readonly Field[];
  draft: Draft;
  faults: Readonly<Record<string, string>>;
  onChange: (draft: Draft) => void;
  /** Shown beside what is needed; whatever else there is stands folded. */
  prominent: ReadonlySet<string>;
}

export function SchemaForm({ fields, draft, faults, onChange, prominent }: SchemaFormProps) {
  const first = fields.filter((field) => isFirst(field, prominent));
  const rest = fields.filter((field) => !first.includes(field));
  const input = (field: Field) => (
    <OneField
      key={field.name}
      field={field}
      raw={draft[field.name]}
      faults={faults}
      at=""
      onChange={(raw) => onChange({ ...draft, [field.name]: raw })}
    />
  );
  return (
    <Stack gap="md">
      {first.map(input)}
      {rest.length > 0 && (
        <Folded names={rest.map(({ title }) => title)} opened={rest.some(({ name }) => isAt(name, faults))}>
          <SimpleGrid cols={{ base: 1, sm: rest.length > 1 ? 2 : 1 }} verticalSpacing="md">
            {rest.map(input)}
          </SimpleGrid>
        </Folded>
      )}
    </Stack>
  );
}

function isFirst({ name, required, kind }: Field, prominent: ReadonlySet<string>): boolean {
  return required || kind === "blueprint" || prominent.has(name);
}

function isAt(name: string, faults: Readonly<Record<string, string>>): boolean {
  return Object.keys(faults).some((place) => place === name || place.startsWith(`${name}.`));
}

function Folded({
  names,
  opened,
  children,
}: {
  names: string[];
  opened: boolean;
  children: React.ReactNode;
}) {
  const [wanted, setWanted] = useState(false);
  const id = useId();
  const open = wanted || opened;
  return (
    <div>
      <Button
        variant="subtle"
        size="compact-sm"
        leftSection={open ? <IconChevronDown size={16} /> : <IconChevronRight size={16} />}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setWanted(!open)}
      >
        {count(names.length, "more setting")}
      </Button>
      {!open && (
        <Text size="sm" c="dimmed" className="wrap-anywhere" ml={10}>
          {names.join(", ")}
        </Text>
      )}
      <div id={id}>
        <Collapse expanded={open} mt="sm">
          {children}
        </Collapse>
      </div>
    </div>
  );
}

interface OneFieldProps {
  field: Field;
  raw: Raw | undefined;
  faults: Readonly<Record<string, string>>;
  at: string;
  onChange: (raw: Raw | undefined) => void;
}

function OneField({ field, raw, faults, at, onChange }: OneFieldProps) {
  const place = at + field.name;
  if (field.kind !== "group") {
    return (
      <FieldInput field={field} raw={raw} place={place} fault={faultAt(place, faults)} onChange={onChange} />
    );
  }
  const inner = groupOf(raw);
  return (
    <Fieldset legend={field.title}>
      <SimpleGrid cols={{ base: 1, sm: 2 }} verticalSpacing="sm">
        {field.children.map((child) => (
          <OneField
            key={child.name}
            field={child}
            raw={inner[child.name]}
            faults={faults}
            at={`${place}.`}
            onChange={(next) => onChange({ ...inner, [child.name]: next })}
          />
        ))}
      </SimpleGrid>
    </Fieldset>
  );
}

/** What is wrong here, or within. */
function faultAt(place: string, faults: Readonly<Record<string, string>>): string | undefined {
  const within = Object.entries(faults).filter(([at]) => at.startsWith(`${place}.`));
  const texts = within.map(([at, text]) => `${at.slice(place.length + 1)}: ${text}`);
  const here = faults[place];
  const all = here === undefined ? texts : [here, ...texts];
  return all.length === 0
    ? undefined
    : all.slice(0, 3).join(" ") + (all.length > 3 ? ` And ${all.length - 3} more.` : "");
}
