/** A plan's changes, grouped by how much they need a look, opened one by one, found by words; of any number. */
import { Accordion, Button, Group, Stack, Text, TextInput, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useMemo, useState } from "react";
import type { ChangeView, PlanView } from "@/lib/api/schema";
import { count } from "@/lib/format";
import { changeId, grouped, matching, type ChangeGroup } from "./changes";
import { ChangeItem } from "./ChangeItem";

const PAGE = 25;
const SEARCHED_FROM = 10;
const OPENED = 5;

/** The change that something leads to; a new object leads there again. */
export interface Focus {
  address: string;
}

function weighty(changes: readonly ChangeView[]): string[] {
  const first = changes.filter(({ destructive, reboots }) => destructive || reboots);
  return first.slice(0, OPENED).map(({ address }) => address);
}

export function PlanChanges({
  plan,
  focus = null,
}: {
  plan: Pick<PlanView, "changes">;
  focus?: Focus | null;
}) {
  const [typed, setTyped] = useState("");
  const [sought] = useDebouncedValue(typed, 150);
  const [opened, setOpened] = useState<string[]>(() => weighty(plan.changes));
  const [led, setLed] = useState<Focus | null>(null);
  if (focus !== led) {
    setLed(focus);
    if (focus !== null) {
      setTyped("");
      setOpened((now) => [...new Set([...now, focus.address])]);
    }
  }
  const effective = useMemo(() => plan.changes.filter(({ action }) => action !== "no-op"), [plan.changes]);
  const groups = useMemo(
    () => grouped(matching(effective, focus !== null && typed === "" ? "" : sought)),
    [effective, sought, focus, typed],
  );
  useEffect(() => {
    if (focus === null) return;
    const place = document.getElementById(changeId(focus.address));
    place?.scrollIntoView({ block: "center" });
    place?.querySelector("button")?.focus({ preventScroll: true });
  }, [focus]);
  const untouched = plan.changes.length - effective.length;
  const found = groups.reduce((sum, { changes }) => sum + changes.length, 0);
  return (
    <Stack gap="sm">
      {effective.length >= SEARCHED_FROM && (
        <Group gap="sm" align="center">
          <TextInput
            flex="1 1 240px"
            aria-label="Search the changes"
            placeholder="Search by name, type, field or value"
            leftSection={<IconSearch size={16} aria-hidden />}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <Text size="sm" c="dimmed" role="status">
            {found === effective.length
              ? count(effective.length, "change")
              : `${found.toLocaleString("en-US")} of ${count(effective.length, "change")}`}
          </Text>
        </Group>
      )}
      {effective.length === 0 && <Text c="dimmed">Nothing would change: what runs is what is wanted.</Text>}
      {effective.length > 0 && found === 0 && <Text c="dimmed">No change has these words in it.</Text>}
      {groups.map((group) => (
        <Changes
          key={group.key}
          group={group}
          opened={opened}
          onOpen={setOpened}
          reach={focus?.address ?? null}
        />
      ))}
      {untouched > 0 && (
        <Text size="sm" c="dimmed">
          {count(untouched, "resource stays as it is", "resources stay as they are")}.
        </Text>
      )}
    </Stack>
  );
}

interface ChangesProps {
  group: ChangeGroup;
  opened: string[];
  onOpen: (addresses: string[]) => void;
  /** This one is among what is shown, wherever it stands. */
  reach: string | null;
}

function Changes({ group, opened, onOpen, reach }: ChangesProps) {
  const [most, setMost] = useState(PAGE);
  const { changes } = group;
  const at = reach === null ? -1 : changes.findIndex(({ address }) => address === reach);
  const shown = changes.slice(0, Math.max(most, at + 1));
  const mine = new Set(shown.map(({ address }) => address));
  return (
    <Stack gap={6} component="section" aria-label={group.title}>
      <Title order={3} size="h6">
        {group.title} ({changes.length.toLocaleString("en-US")})
      </Title>
      <Accordion
        multiple
        variant="separated"
        chevronPosition="left"
        value={opened.filter((address) => mine.has(address))}
        onChange={(now) => onOpen([...opened.filter((address) => !mine.has(address)), ...now])}
        styles={{ item: { marginTop: 6 }, label: { paddingBlock: 8 } }}
      >
        {shown.map((change) => (
          <ChangeItem key={change.address} change={change} opened={opened.includes(change.address)} />
        ))}
      </Accordion>
      {shown.length < changes.length && (
        <Button variant="default" size="xs" onClick={() => setMost(shown.length + 4 * PAGE)} w="fit-content">
          Show more of {changes.length.toLocaleString("en-US")}
        </Button>
      )}
    </Stack>
  );
}
