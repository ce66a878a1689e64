/** Findings of rules, and what they mean for standards. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { Findings, ofRules } from "@/components/Findings";
import { StateBadge } from "@/components/StateBadge";
import { type Answer, numberIn, recordIn, recordsIn, textIn } from "@/lib/answer";
import type { Finding } from "@/lib/api/schema";
import { count, figure } from "@/lib/format";
import { Controls } from "./Controls";
import { Lead, tile, type Tile } from "./Lead";
import { Section } from "./Section";

const PART = 25;

/** The audit has its own names for what a finding says. */
function asFinding(found: Answer): Finding {
  return {
    ...found,
    message: textIn(found, "issue") || textIn(found, "message"),
    remediation: textIn(found, "recommendation") || textIn(found, "remediation"),
    level: found.mandatory === true ? "mandatory" : (found.level ?? "advisory"),
    result: found.result ?? "fail",
  } as unknown as Finding;
}

export function SecurityView({ answer }: { answer: Answer }) {
  const named = answer.vulnerabilities === undefined ? "findings" : "vulnerabilities";
  const found = recordsIn(answer, named).map(asFinding);
  return (
    <Stack gap="lg">
      <Lead
        tiles={[
          tile("Score", numberIn(answer, "security_score"), (value) => `${figure(value)} of 10`),
          tile("Questions answered", numberIn(answer, "coverage"), (value) => `${figure(value * 100)} %`),
          { label: "Findings", value: found.length },
          bySeverity(recordIn(answer, "by_severity")),
        ]}
      />
      <Standings standings={recordIn(answer, "compliance")} />
      <Section title={count(found.length, "finding")}>
        <Parted findings={found} />
        {(numberIn(answer, "left_out") ?? 0) > 0 && (
          <Text size="sm" c="dimmed" mt="xs">
            {count(numberIn(answer, "left_out") ?? 0, "less grave finding")} left out.
          </Text>
        )}
      </Section>
      {recordsIn(answer, "standards").map((standard) => (
        <Controls key={textIn(standard, "framework")} standard={standard} />
      ))}
    </Stack>
  );
}

function bySeverity(counts: Answer): Tile | null {
  const entries = Object.entries(counts).filter(([, number]) => Number(number) > 0);
  if (entries.length === 0) return null;
  return {
    label: "By severity",
    value: (
      <Group gap={6}>
        {entries.map(([severity, number]) => (
          <StateBadge key={severity} state={`${String(number)} ${severity}`} color={SEVERITY[severity]} />
        ))}
      </Group>
    ),
  };
}

function Standings({ standings }: { standings: Answer }) {
  const entries = Object.entries(standings);
  if (entries.length === 0) return null;
  return (
    <Section title="Standards">
      <Group gap="md">
        {entries.map(([name, standing]) => (
          <Group key={name} gap={6}>
            <Text size="sm">{name}</Text>
            <StateBadge state={String(standing)} color={STANDING[String(standing)]} />
          </Group>
        ))}
      </Group>
    </Section>
  );
}

const SEVERITY: Record<string, string> = { critical: "red", high: "orange", medium: "yellow", low: "gray" };

const STANDING: Record<string, string> = {
  failing: "red",
  partial: "yellow",
  "blueprint checks pass": "green",
};

function Parted({ findings }: { findings: Finding[] }) {
  const [shown, setShown] = useState(PART);
  const all = ofRules(findings);
  return (
    <Stack gap="xs">
      <Findings findings={all.slice(0, shown)} none="No rule is broken." />
      {all.length > shown && (
        <Button variant="default" size="xs" onClick={() => setShown((before) => before + 2 * PART)}>
          Show more: {all.length - shown} left
        </Button>
      )}
    </Stack>
  );
}
