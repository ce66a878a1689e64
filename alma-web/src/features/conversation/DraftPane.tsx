/** The draft beside the conversation: as a graph, and what there is to know of it. */
import { Badge, Button, Group, Tabs, Text, Title, Tooltip } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { BlueprintGraph } from "@/components/graph";
import { Link } from "@/components/Link";
import type { Blueprint } from "@/lib/api/schema";
import { money } from "@/lib/format";
import { useMay } from "@/lib/permissions";
import { Cost, sumOf } from "./Cost";
import { brokenIn, DraftFindings, useFindings } from "./DraftFindings";
import { Resources } from "./Resources";
import { changesOf, draftOf, type Changes, type Draft, type Turn } from "./turns";
import classes from "./conversation.module.css";

interface DraftPaneProps {
  turns: readonly Turn[];
  busy: boolean;
  onUndo: () => void;
}

export function DraftPane({ turns, busy, onUndo }: DraftPaneProps) {
  const draft = useMemo(() => draftOf(turns), [turns]);
  const changes = useMemo(() => changesOf(turns), [turns]);
  const { blueprint } = draft;
  if (blueprint === null) {
    return (
      <section className={classes.side} aria-label="Blueprint">
        <Text c="dimmed" m="auto" ta="center" maw={320}>
          The blueprint is drawn here as soon as you have said what you want to run.
        </Text>
      </section>
    );
  }
  return <Drafted {...{ blueprint, draft, changes, busy, onUndo }} />;
}

interface DraftedProps {
  blueprint: Blueprint;
  draft: Draft;
  changes: Changes;
  busy: boolean;
  onUndo: () => void;
}

function Drafted({ blueprint, draft, changes, busy, onUndo }: DraftedProps) {
  const [selected, setSelected] = useState<string | null>(null);
  const [tab, setTab] = useState<string | null>("resources");
  const highlighted = useMemo(() => new Set([...changes.added, ...changes.changed]), [changes]);
  const marks = useMemo(() => marksOf(changes), [changes]);
  const mayCheck = useMay("policy:read");
  const findings = useFindings(busy ? null : blueprint, mayCheck);
  const broken = brokenIn(findings);
  function select(name: string | null) {
    setSelected(name);
    setTab("resources");
  }
  return (
    <section className={classes.side} aria-label="Blueprint">
      <Head draft={draft} blueprint={blueprint} busy={busy} onUndo={onUndo} />
      <div className={classes.graph}>
        <BlueprintGraph
          blueprint={blueprint}
          marks={marks}
          highlighted={highlighted}
          selected={selected}
          onSelect={select}
          height="100%"
        />
      </div>
      <Tabs value={tab} onChange={setTab} className={classes.details} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="resources">Resources</Tabs.Tab>
          <Tabs.Tab value="cost">Cost</Tabs.Tab>
          {mayCheck && (
            <Tabs.Tab
              value="findings"
              rightSection={
                broken !== null &&
                broken > 0 && (
                  <Badge size="sm" circle={broken < 10} color="orange" variant="light" autoContrast>
                    {broken}
                  </Badge>
                )
              }
            >
              Findings
            </Tabs.Tab>
          )}
        </Tabs.List>
        <div className={classes.scroll} tabIndex={0} role="group" aria-label="Details of the draft">
          <Tabs.Panel value="resources" pt="xs">
            <Resources
              blueprint={blueprint}
              origins={draft.origins}
              changes={changes}
              selected={selected}
              onSelect={setSelected}
            />
          </Tabs.Panel>
          <Tabs.Panel value="cost" pt="xs">
            <Cost blueprint={blueprint} cost={draft.cost} />
          </Tabs.Panel>
          {mayCheck && (
            <Tabs.Panel value="findings" pt="xs">
              <DraftFindings query={findings} />
            </Tabs.Panel>
          )}
        </div>
      </Tabs>
    </section>
  );
}

function Head({ draft, blueprint, busy, onUndo }: Omit<DraftedProps, "changes">) {
  const sum = sumOf(draft.cost);
  return (
    <Group gap="xs" justify="space-between" wrap="nowrap">
      <Group gap="xs" miw={0}>
        <Title order={2} size="h4" lineClamp={1}>
          {draft.blueprintId === null ? (
            blueprint.name
          ) : (
            <Link to={`/blueprints/${draft.blueprintId}`} inherit>
              {blueprint.name}
            </Link>
          )}
        </Title>
        {draft.revision !== null && (
          <Text size="sm" c="dimmed">
            revision {draft.revision}
          </Text>
        )}
        {sum !== null && (
          <Tooltip label={sum.basis} disabled={sum.basis === ""}>
            <Badge size="lg" variant="light" autoContrast tt="none" color={sum.within ? "alma" : "red"}>
              {money(sum.monthly, sum.currency)} a month
            </Badge>
          </Tooltip>
        )}
      </Group>
      <Button
        size="xs"
        variant="default"
        style={{ flexShrink: 0 }}
        leftSection={<IconArrowBackUp size={16} />}
        disabled={busy}
        onClick={onUndo}
      >
        Undo
      </Button>
    </Group>
  );
}

function marksOf({ added, changed }: Changes): Record<string, { text: string; color: string }> {
  return Object.fromEntries([
    ...added.map((name) => [name, { text: "new", color: "green" }]),
    ...changed.map((name) => [name, { text: "changed", color: "blue" }]),
  ]) as Record<string, { text: string; color: string }>;
}
