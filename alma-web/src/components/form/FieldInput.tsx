import { Select, Switch, TagsInput, Textarea, TextInput } from "@mantine/core";
import { stringify } from "yaml";
import { words } from "@/lib/format";
import { BlueprintField } from "./BlueprintField";
import { listOf, meantOf, type Raw, textOf } from "./draft";
import type { Field } from "./fields";
import { SeriesField } from "./SeriesField";

interface FieldInputProps {
  field: Field;
  raw: Raw | undefined;
  place: string;
  fault: string | undefined;
  onChange: (raw: Raw | undefined) => void;
}

/** The input's id, so that what is wrong can be gone to. */
export function idOf(place: string): string {
  return `field-${place}`;
}

export function FieldInput({ field, raw, place, fault, onChange }: FieldInputProps) {
  const { kind, title, about, required, example, limits } = field;
  const common = {
    id: idOf(place),
    label: title,
    description: about === "" ? undefined : about,
    required,
    error: fault,
  };
  const placeholder = example === "" ? undefined : `such as ${example}`;
  switch (kind) {
    case "blueprint":
      return <BlueprintField {...common} meant={meantOf(raw)} onChange={onChange} />;
    case "series":
      return <SeriesField {...common} text={textOf(raw)} onChange={onChange} />;
    case "flag":
      return (
        <Switch
          {...common}
          required={false}
          checked={raw === true}
          onChange={({ currentTarget }) => onChange(currentTarget.checked)}
        />
      );
    case "choice":
      return (
        <Select
          {...common}
          data={field.options.map((value) => ({ value, label: words(value) }))}
          value={typeof raw === "string" ? raw : null}
          onChange={(value) => onChange(value ?? undefined)}
          clearable={field.initial === undefined}
          allowDeselect={field.initial === undefined}
        />
      );
    case "list":
      return (
        <TagsInput
          {...common}
          value={listOf(raw)}
          onChange={onChange}
          splitChars={[",", ";"]}
          acceptValueOnBlur
          placeholder={listOf(raw).length === 0 ? "Type one, then Enter" : undefined}
        />
      );
    case "document":
    case "long":
      return (
        <Textarea
          {...common}
          value={textOf(raw)}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
          placeholder={kind === "document" ? outline(example) : placeholder}
          maxLength={limits.maxLength}
          autosize
          minRows={kind === "document" ? 2 : 3}
          maxRows={14}
          styles={kind === "document" ? { input: MONOSPACE } : undefined}
          spellCheck={kind === "long"}
        />
      );
    default:
      return (
        <TextInput
          {...common}
          value={textOf(raw)}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
          placeholder={placeholder}
          maxLength={limits.maxLength}
          inputMode={kind === "number" ? "decimal" : undefined}
        />
      );
  }
}

export const MONOSPACE = {
  fontFamily: "var(--mantine-font-family-monospace)",
  fontSize: "var(--mantine-font-size-sm)",
};

function outline(example: string): string {
  if (example === "") return "name: value";
  try {
    return stringify(JSON.parse(example)).trim();
  } catch {
    return example;
  }
}
