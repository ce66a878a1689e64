import { Badge, Group, PasswordInput, Switch, Textarea, TextInput } from "@mantine/core";
import type { Field } from "./fields";

interface ConnectionFieldProps {
  field: Field;
  value: string | boolean;
  /** Of a secret: whether there is one. */
  set: boolean;
  onChange: (value: string | boolean) => void;
}

export function ConnectionField({ field, value, set, onChange }: ConnectionFieldProps) {
  const { label, about, kind } = field;
  const text = typeof value === "string" ? value : "";
  switch (kind) {
    case "switch":
      return (
        <Switch
          label={label}
          description={about}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case "secret":
      return (
        <PasswordInput
          label={<SecretLabel label={label} set={set} />}
          description={set ? `${about} Enter it again to keep it.` : about}
          autoComplete="new-password"
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case "document":
      return (
        <Textarea
          label={<SecretLabel label={label} set={set} />}
          description={set ? `${about} Enter it again to keep it.` : about}
          autoComplete="off"
          spellCheck={false}
          ff="monospace"
          autosize
          minRows={3}
          maxRows={12}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case "lines":
      return (
        <Textarea
          label={label}
          description={about}
          autosize
          minRows={2}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    default:
      return (
        <TextInput
          label={label}
          description={about}
          inputMode={kind === "number" ? "decimal" : undefined}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}

function SecretLabel({ label, set }: { label: string; set: boolean }) {
  return (
    <Group gap="xs" component="span" display="inline-flex">
      {label}
      <Badge variant="light" color={set ? "green" : "gray"} size="sm">
        {set ? "set" : "not set"}
      </Badge>
    </Group>
  );
}
