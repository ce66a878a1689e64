/** What rules found, each with the place and the evidence it stands on. */
import { Alert, Badge, Group, Stack, Text } from "@mantine/core";
import type { CouncilFinding, Finding } from "@/lib/api/schema";
import { words } from "@/lib/format";
import { StateBadge } from "./StateBadge";

const WEIGHT = ["critical", "high", "medium", "low"];

type Shown = Pick<Finding, "title" | "severity" | "path" | "message" | "remediation"> & {
  id: string;
  by: string;
  gating: boolean;
  evidence: string[];
};

export function ofRules(findings: readonly Finding[]): Shown[] {
  return findings.map((finding) => ({
    ...finding,
    id: `${finding.rule} ${finding.path}`,
    by: finding.rule,
    gating: finding.level === "mandatory" && finding.result === "fail",
    evidence: Object.entries(finding.evidence ?? {}).map(
      ([path, value]) => `${path} = ${JSON.stringify(value)}`,
    ),
  }));
}

export function ofCouncil(findings: readonly CouncilFinding[]): Shown[] {
  return findings.map((finding) => ({
    ...finding,
    id: `${finding.code} ${finding.path}`,
    by: `${finding.code} · ${finding.agents.join(", ")}`,
    gating: finding.gating ?? false,
    evidence: finding.citations.map(({ kind, path, ref }) => `${words(kind)} ${ref || path}`),
  }));
}

export function Findings({
  findings,
  none = "Nothing was found.",
}: {
  findings: readonly Shown[];
  none?: string;
}) {
  if (findings.length === 0) return <Text c="dimmed">{none}</Text>;
  const sorted = [...findings].sort(
    (a, b) => Number(b.gating) - Number(a.gating) || WEIGHT.indexOf(a.severity) - WEIGHT.indexOf(b.severity),
  );
  return (
    <Stack gap="xs">
      {sorted.map(({ id, title, severity, path, message, remediation, by, gating, evidence }) => (
        <Alert key={id} color={gating ? "red" : "gray"} variant="light" p="sm" className="wrap-anywhere">
          <Group gap="xs" mb={4}>
            <StateBadge state={severity} />
            {gating && <Badge color="red">blocks</Badge>}
            <Text fw={600} size="sm">
              {title}
            </Text>
          </Group>
          <Text size="sm">{message}</Text>
          {remediation !== undefined && remediation !== "" && (
            <Text size="sm">What helps: {remediation}</Text>
          )}
          <Text size="xs" c="dimmed">
            {[path, by, ...evidence].filter(Boolean).join(" · ")}
          </Text>
        </Alert>
      ))}
    </Stack>
  );
}
