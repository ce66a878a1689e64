/** A bar of filters above a list: words to search for, and choices of which none need be made. */
import { CloseButton, type ComboboxData, Group, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";

const PAUSE_MS = 250;

export function FilterBar({ children }: { children: ReactNode }) {
  return (
    <Group gap="sm" align="flex-end">
      {children}
    </Group>
  );
}

interface SearchFieldProps {
  label: string;
  placeholder: string;
  value: string;
  /** Is called once nothing was typed for a moment. */
  onSearch: (words: string) => void;
  maxLength?: number;
}

export function SearchField({ label, placeholder, value, onSearch, maxLength = 200 }: SearchFieldProps) {
  const [typed, setTyped] = useState(value);
  const [before, setBefore] = useState(value);
  if (value !== before) {
    setBefore(value);
    if (value === "") setTyped(""); // somebody asked for all
  }
  const later = useDebouncedCallback((text: string) => onSearch(text.trim()), PAUSE_MS);
  function type(text: string) {
    setTyped(text);
    later(text);
  }
  return (
    <TextInput
      label={label}
      placeholder={placeholder}
      leftSection={<IconSearch size={16} />}
      rightSection={
        typed !== "" && <CloseButton size="sm" aria-label="Clear the search" onClick={() => type("")} />
      }
      value={typed}
      maxLength={maxLength}
      onChange={(event) => type(event.currentTarget.value)}
      flex="1 1 220px"
      maw={400}
    />
  );
}

interface OneOfProps {
  label: string;
  data: ComboboxData;
  /** Nothing stands for any. */
  value: string;
  onChoose: (value: string) => void;
  w?: number;
}

export function OneOf({ label, data, value, onChoose, w = 180 }: OneOfProps) {
  return (
    <Select
      label={label}
      placeholder="Any"
      data={data}
      value={value === "" ? null : value}
      onChange={(next) => onChoose(next ?? "")}
      clearable
      clearButtonProps={{ "aria-label": `Any ${label.toLowerCase()}` }}
      w={w}
    />
  );
}
