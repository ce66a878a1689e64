/** Says what the council is to look at: words, a blueprint, or a request. */
import { Button, Group, SegmentedControl, Select, Stack, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { $api } from "@/lib/api/client";
import type { CouncilCall } from "@/lib/api/schema";
import { callFor, type Subject } from "./call";

const MOST = 50;
const NONE: { value: string; label: string }[] = [];

interface ConveneProps {
  asking: boolean;
  onCall: (call: CouncilCall) => void;
}

export function Convene({ asking, onCall }: ConveneProps) {
  const [subject, setSubject] = useState<Subject>("words");
  const [words, setWords] = useState("");
  const [engine, setEngine] = useState("");
  const [chosen, setChosen] = useState<Partial<Record<Subject, string | null>>>({});
  const call = callFor(subject, words, chosen[subject] ?? null, engine);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (call !== null) onCall(call);
      }}
    >
      <Stack gap="sm">
        <SegmentedControl
          aria-label="What the council looks at"
          w="fit-content"
          value={subject}
          onChange={(value) => setSubject(value)}
          data={[
            { value: "words", label: "Words" },
            { value: "blueprint", label: "A blueprint" },
            { value: "request", label: "A request" },
          ]}
        />
        {subject === "words" && (
          <Textarea
            label="What you need"
            placeholder="a web app with a database and backups, in production"
            description="It is drafted, planned and examined. Nothing is saved."
            autosize
            minRows={2}
            maxRows={8}
            maxLength={8000}
            value={words}
            onChange={(event) => setWords(event.currentTarget.value)}
          />
        )}
        {subject === "blueprint" && (
          <Blueprints
            value={chosen.blueprint ?? null}
            onChange={(value) => setChosen({ ...chosen, blueprint: value })}
          />
        )}
        {subject === "request" && (
          <Requests
            value={chosen.request ?? null}
            onChange={(value) => setChosen({ ...chosen, request: value })}
          />
        )}
        <Group align="flex-end" gap="sm">
          {subject !== "request" && (
            <TextInput
              label="Engine"
              placeholder="as it says, or the usual one"
              w={260}
              value={engine}
              onChange={(event) => setEngine(event.currentTarget.value)}
            />
          )}
          <Button type="submit" disabled={call === null} loading={asking}>
            Convene
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface ChoiceProps {
  value: string | null;
  onChange: (value: string | null) => void;
}

function Blueprints({ value, onChange }: ChoiceProps) {
  const [typed, setTyped] = useState("");
  const [name] = useDebouncedValue(typed, 200);
  // What was chosen is in the field as "3: shop": that is no name to look for.
  const sought = /^\d+: /.test(name) ? "" : name.trim();
  const query = $api.useQuery("get", "/api/v1/blueprints", {
    params: { query: { limit: MOST, ...(sought === "" ? {} : { name: sought }) } },
  });
  const data = query.data?.items.map((one) => ({ value: String(one.id), label: `${one.id}: ${one.name}` }));
  return (
    <Select
      label="Blueprint"
      description="Its newest revision"
      searchable
      placeholder={query.isPending ? "Loading" : "Choose one, or type its name"}
      nothingFoundMessage="There is no such blueprint"
      filter={({ options }) => options}
      data={data ?? NONE}
      searchValue={typed}
      onSearchChange={setTyped}
      value={value}
      onChange={onChange}
      maw={520}
    />
  );
}

function Requests({ value, onChange }: ChoiceProps) {
  const query = $api.useQuery("get", "/api/v1/iprs", { params: { query: { limit: MOST } } });
  const data = query.data?.items.map(({ id, title, status }) => ({
    value: String(id),
    label: `#${id}: ${title} (${status})`,
  }));
  return (
    <Select
      label="Request"
      description="Its plan, as of today; of the newest 50"
      searchable
      placeholder={query.isPending ? "Loading" : "Choose one"}
      nothingFoundMessage="There is no such request"
      data={data ?? NONE}
      value={value}
      onChange={onChange}
      maw={520}
    />
  );
}
