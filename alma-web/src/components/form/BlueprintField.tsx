/** Which blueprint: one that is saved, or one that is written here. */
import { Box, FileButton, Group, Input, SegmentedControl, Select, Textarea, Button } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconUpload } from "@tabler/icons-react";
import { useState } from "react";
import { $api } from "@/lib/api/client";
import { asProblem } from "@/lib/api/problem";
import { useMay } from "@/lib/permissions";
import type { Meant } from "./draft";

interface BlueprintFieldProps {
  id: string;
  label: string;
  description?: string;
  required?: boolean;
  error?: string;
  meant: Meant;
  onChange: (meant: Meant) => void;
}

const SHOWN = 50;
const PLACEHOLDER = "name: shop\nresources:\n  - name: web\n    type: vm\n    specs: {cpu: 2, memory: 4GB}";

export function BlueprintField({
  id,
  label,
  description,
  required,
  error,
  meant,
  onChange,
}: BlueprintFieldProps) {
  const mayRead = useMay("blueprint:read");
  const written = meant.written || !mayRead;
  return (
    <Input.Wrapper
      id={id}
      label={label}
      description={description}
      required={required}
      error={error}
      labelElement="div"
    >
      <Group gap="sm" align="flex-start" mt={4}>
        {mayRead && (
          <SegmentedControl
            size="xs"
            aria-label={`How ${label.toLowerCase()} is given`}
            data={[
              { value: "saved", label: "Saved" },
              { value: "written", label: "Written here" },
            ]}
            value={written ? "written" : "saved"}
            onChange={(way) => onChange({ ...meant, written: way === "written" })}
          />
        )}
        <Box flex="1 1 280px" miw={0}>
          {written ? (
            <Written id={id} label={label} failed={error !== undefined} meant={meant} onChange={onChange} />
          ) : (
            <Saved id={id} label={label} failed={error !== undefined} meant={meant} onChange={onChange} />
          )}
        </Box>
      </Group>
    </Input.Wrapper>
  );
}

interface WayProps {
  id: string;
  label: string;
  failed: boolean;
  meant: Meant;
  onChange: (meant: Meant) => void;
}

function Saved({ id, label, failed, meant, onChange }: WayProps) {
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed.replace(/ \(\d+\)$/, ""), 200);
  const query = { limit: SHOWN, ...(search === "" ? {} : { search }) };
  const found = $api.useQuery("get", "/api/v1/blueprints", { params: { query } });
  const chosen = meant.saved === null ? null : String(meant.saved);
  const data = (found.data?.items ?? []).map(({ id: number, name }) => ({
    value: String(number),
    label: `${name} (${number})`,
  }));
  // One that the list does not hold is chosen all the same.
  if (chosen !== null && !data.some(({ value }) => value === chosen)) {
    data.push({ value: chosen, label: /^\d+$/.test(chosen) ? `Blueprint ${chosen}` : chosen });
  }
  const nothing = search === "" ? "There is no blueprint yet: write one here" : "None is called that";
  return (
    <Select
      id={`${id}-saved`}
      aria-label={`${label}: saved`}
      placeholder="Choose a blueprint"
      data={data}
      value={chosen}
      onChange={(value) =>
        onChange({ ...meant, saved: value === null ? null : /^\d+$/.test(value) ? Number(value) : value })
      }
      searchable
      clearable
      onSearchChange={setTyped}
      nothingFoundMessage={found.isError ? asProblem(found.error).message : nothing}
      error={failed}
    />
  );
}

function Written({ id, label, failed, meant, onChange }: WayProps) {
  return (
    <>
      <Textarea
        id={`${id}-written`}
        aria-label={`${label}: written here`}
        placeholder={PLACEHOLDER}
        value={meant.text}
        onChange={({ currentTarget }) => onChange({ ...meant, text: currentTarget.value, written: true })}
        autosize
        minRows={5}
        maxRows={18}
        spellCheck={false}
        error={failed}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } }}
      />
      <FileButton
        accept=".yaml,.yml,.json,text/yaml,application/json"
        onChange={(file) => void file?.text().then((text) => onChange({ ...meant, text, written: true }))}
      >
        {(props) => (
          <Button {...props} variant="subtle" size="compact-xs" mt={4} leftSection={<IconUpload size={14} />}>
            From a file
          </Button>
        )}
      </FileButton>
    </>
  );
}
