import { Button, Group, Select, Switch, TextInput } from "@mantine/core";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { useCaller } from "@/lib/permissions";

const TEXTS = [
  { name: "principal", label: "Who", placeholder: "user:ada" },
  { name: "action", label: "Did what", placeholder: "ipr.approve, or ipr." },
  { name: "target", label: "To what", placeholder: "ipr/7" },
] as const;
const DAYS = [
  { name: "since", label: "From" },
  { name: "until", label: "To" },
] as const;

/** Filters stand in the address, so that what is seen can be shown to others. */
export function FilterBar() {
  const [search, setSearch] = useSearchParams();
  // Anew where the address changed in another way.
  return <Fields key={search.toString()} search={search} onSay={setSearch} />;
}

interface FieldsProps {
  search: URLSearchParams;
  onSay: (search: URLSearchParams) => void;
}

function Fields({ search, onSay }: FieldsProps) {
  const { administrator } = useCaller();
  const [said, setSaid] = useState(() => Object.fromEntries(search));
  const say = (name: string, value: string) => setSaid((before) => ({ ...before, [name]: value }));
  const text = (name: string) => said[name] ?? "";
  return (
    <form
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        const kept = Object.entries(said).filter(([name, value]) => value !== "" && name !== "entry");
        onSay(new URLSearchParams(kept));
      }}
    >
      <Group align="flex-end" gap="sm">
        {TEXTS.map(({ name, label, placeholder }) => (
          <TextInput
            key={name}
            label={label}
            placeholder={placeholder}
            w={170}
            value={text(name)}
            onChange={(event) => say(name, event.currentTarget.value)}
          />
        ))}
        <Select
          label="What came of it"
          placeholder="anything"
          clearable
          w={150}
          data={["allowed", "denied", "failed"]}
          value={text("outcome") || null}
          onChange={(value) => say("outcome", value ?? "")}
        />
        {DAYS.map(({ name, label }) => (
          <TextInput
            key={name}
            label={label}
            type="date"
            w={150}
            value={text(name)}
            onChange={(event) => say(name, event.currentTarget.value)}
          />
        ))}
        {administrator && (
          <Switch
            label="Every project"
            mb={8}
            checked={text("everywhere") === "true"}
            onChange={(event) => say("everywhere", event.currentTarget.checked ? "true" : "")}
          />
        )}
        <Button type="submit">Look</Button>
        {search.size > 0 && (
          <Button variant="subtle" onClick={() => onSay(new URLSearchParams())}>
            Clear
          </Button>
        )}
      </Group>
    </form>
  );
}
