/** Into which blueprint the chosen ones go, and the request for it. */
import { Button, Group, Paper, Select, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useNavigate } from "react-router";
import { ProblemAlert } from "@/components/states";
import { $api } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";
import type { Discovered } from "@/lib/api/schema";
import { count } from "@/lib/format";

interface ImportFormProps {
  engine: string;
  chosen: readonly Discovered[];
  names: ReadonlyMap<string, string>;
}

export function ImportForm({ engine, chosen, names }: ImportFormProps) {
  const [into, setInto] = useState("new");
  const [name, setName] = useState("");
  const [blueprint, setBlueprint] = useState<string | null>(null);
  const navigate = useNavigate();
  const opening = $api.useMutation("post", "/api/v1/imports", {
    onSuccess: ({ id }) => {
      changed("/api/v1/iprs", "/api/v1/blueprints", "/api/v1/engines");
      void navigate(`/iprs/${id}`);
    },
  });
  const ready = chosen.length > 0 && (into === "new" ? name.trim() !== "" : blueprint !== null);
  const submit = () =>
    opening.mutate({
      body: {
        engine,
        objects: chosen.map(({ object_id }) => ({
          object: object_id,
          name: names.get(object_id)?.trim() || null,
        })),
        ...(into === "new" ? { name: name.trim() } : { blueprint_id: Number(blueprint) }),
      },
    });
  return (
    <Paper
      withBorder
      p="md"
      component="form"
      aria-label="Import"
      onSubmit={(event: React.SyntheticEvent) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack align="flex-start">
        <SegmentedControl
          aria-label="Into which blueprint"
          value={into}
          onChange={setInto}
          data={[
            { value: "new", label: "A new blueprint" },
            { value: "known", label: "One that is there" },
          ]}
        />
        {into === "new" ? (
          <TextInput
            label="Name of the new blueprint"
            maxLength={100}
            w="100%"
            maw={420}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        ) : (
          <Blueprints value={blueprint} onChange={setBlueprint} />
        )}
        {opening.error !== null && <ProblemAlert problem={opening.error} />}
        <Group>
          <Button type="submit" disabled={!ready} loading={opening.isPending}>
            Open a request to import {chosen.length === 0 ? "" : count(chosen.length, "object")}
          </Button>
          <Text size="sm" c="dimmed">
            The request shows how each is described. It waits for its approval.
          </Text>
        </Group>
      </Stack>
    </Paper>
  );
}

function Blueprints({ value, onChange }: { value: string | null; onChange: (id: string | null) => void }) {
  const { data, error } = $api.useQuery("get", "/api/v1/blueprints", { params: { query: { limit: 500 } } });
  if (error !== null) return <ProblemAlert problem={error} />;
  return (
    <Select
      label="Blueprint"
      description="It gets what it does not describe yet"
      w="100%"
      maw={420}
      searchable
      limit={100}
      data={(data?.items ?? []).map(({ id, name }) => ({ value: String(id), label: `${name} (${id})` }))}
      value={value}
      onChange={onChange}
    />
  );
}
