/** What rules and the council found, each with the place and the evidence it stands on. */
import { Alert, Anchor, Badge, Button, Group, Stack, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { CouncilFinding, Finding } from "@/lib/api/schema";
import { count, shown } from "@/lib/format";
import { StateBadge } from "./StateBadge";

const WEIGHT = ["critical", "high", "medium", "low"];
const PAGE = 10;

export interface Evidence {
  text: string;
  /** Where that stands: in the blueprint, the plan or the estimate. */
  path: string;
}

export type ShownFinding = Pick<Finding, "title" | "severity" | "path" | "message" | "remediation"> & {
  id: string;
  by: string;
  /** The rule that is broken, where it is one. */
  rule: string | null;
  gating: boolean;
  evidence: Evidence[];
};

export function ofRules(findings: readonly Finding[]): ShownFinding[] {
  return findings.map((finding) => ({
    ...finding,
    id: `${finding.rule} ${finding.path}`,
    by: finding.rule,
    gating: finding.level === "mandatory" && finding.result === "fail",
    evidence: Object.entries(finding.evidence ?? {}).map(([path, value]) => ({
      text: `${path} = ${JSON.stringify(value)}`,
      path: finding.path,
    })),
  }));
}

export function ofCouncil(findings: readonly CouncilFinding[]): ShownFinding[] {
  return findings.map((finding) => ({
    ...finding,
    id: `${finding.code} ${finding.path}`,
    by: `${finding.code} · ${finding.agents.map(seatName).join(", ")}`,
    rule: finding.citations.some(({ kind, ref }) => kind === "rule" && ref === finding.code)
      ? finding.code
      : null,
    gating: finding.gating ?? false,
    evidence: finding.citations
      .filter(({ kind }) => kind !== "rule")
      .map(({ path, ref, value }) => ({ text: `${ref || path} = ${shown(value)}`, path })),
  }));
}

const SEATS: Record<string, string> = { architect: "Architect", secops: "SecOps", finops: "FinOps" };

/** What one of the council is called. */
export function seatName(agent: string): string {
  return SEATS[agent] ?? agent;
}

/** What stops a request first, then the gravest. */
export function inOrder(findings: readonly ShownFinding[]): ShownFinding[] {
  return [...findings].sort(
    (a, b) => Number(b.gating) - Number(a.gating) || WEIGHT.indexOf(a.severity) - WEIGHT.indexOf(b.severity),
  );
}

interface FindingsProps {
  findings: readonly ShownFinding[];
  none?: string;
  /** Leads to where a citation points. */
  onPlace?: (path: string) => void;
  /** What can be done about one of them. */
  actions?: (finding: ShownFinding) => ReactNode;
}

export function Findings({ findings, none = "Nothing was found.", onPlace, actions }: FindingsProps) {
  const [most, setMost] = useState(PAGE);
  if (findings.length === 0) return <Text c="dimmed">{none}</Text>;
  const sorted = inOrder(findings);
  const first = sorted.slice(0, Math.max(most, sorted.filter(({ gating }) => gating).length));
  return (
    <Stack gap="xs">
      <Stack gap="xs" role="list">
        {first.map((finding) => (
          <OneFinding key={finding.id} finding={finding} onPlace={onPlace} actions={actions?.(finding)} />
        ))}
      </Stack>
      {first.length < sorted.length && (
        <Button variant="default" size="xs" w="fit-content" onClick={() => setMost(first.length + 5 * PAGE)}>
          Show more of {count(sorted.length, "finding")}
        </Button>
      )}
    </Stack>
  );
}

function OneFinding({
  finding,
  onPlace,
  actions,
}: {
  finding: ShownFinding;
  onPlace: FindingsProps["onPlace"];
  actions: ReactNode;
}) {
  const { title, severity, path, message, remediation, by, gating, evidence } = finding;
  return (
    <Alert
      color={gating ? "red" : "gray"}
      variant="light"
      p="sm"
      className="wrap-anywhere"
      role="listitem"
      data-finding={by}
    >
      <Group gap="xs" mb={4}>
        <StateBadge state={severity} />
        {gating && (
          <Badge color="red" variant="filled">
            blocks
          </Badge>
        )}
        <Text fw={600} size="sm">
          {title}
        </Text>
        <Text size="xs" c="dimmed">
          {by}
        </Text>
      </Group>
      <Text size="sm">{message}</Text>
      {remediation !== undefined && remediation !== "" && <Text size="sm">What helps: {remediation}</Text>}
      <Group gap="xs" mt={4} justify="space-between">
        <Text size="xs" component="span">
          At <Cited path={path} text={path} onPlace={onPlace} />
          {evidence.length > 0 && ": "}
          {evidence.map((item, index) => (
            <span key={`${item.text} ${index}`}>
              {index > 0 && ", "}
              {item.path === path || onPlace === undefined ? (
                item.text
              ) : (
                <Cited path={item.path} text={item.text} onPlace={onPlace} />
              )}
            </span>
          ))}
        </Text>
        {actions}
      </Group>
    </Alert>
  );
}

function Cited({ path, text, onPlace }: Evidence & { onPlace: FindingsProps["onPlace"] }) {
  if (onPlace === undefined || path === "") return <>{text}</>;
  return (
    <Anchor
      component="button"
      type="button"
      size="xs"
      ta="start"
      onClick={() => onPlace(path)}
      td="underline"
    >
      {text}
    </Anchor>
  );
}
