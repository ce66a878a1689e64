/** Two blueprints against each other, field by field. */
import { Badge, Group, Stack, Text } from "@mantine/core";
import { Listing } from "@/components/Listing";
import { StateBadge } from "@/components/StateBadge";
import { type Answer, numberIn, recordIn, recordsIn, textIn, textsIn } from "@/lib/answer";
import { count, figure, money, shown } from "@/lib/format";
import { Lead, tile } from "./Lead";
import { Section } from "./Section";
import { currencyOf } from "./shape";

const ACTION: Record<string, string> = { added: "green", removed: "red", changed: "blue" };

export function ComparisonView({ answer }: { answer: Answer }) {
  const cost = recordIn(answer, "cost");
  const risk = recordIn(answer, "risk");
  const asMoney = (value: number) => money(value, currencyOf(cost));
  const differences = recordsIn(answer, "differences");
  return (
    <Stack gap="lg">
      <Lead
        tiles={[
          tile(
            "Cost a month",
            numberIn(cost, "after"),
            asMoney,
            `before: ${told(numberIn(cost, "before"), asMoney)}`,
          ),
          tile(
            "Difference a month",
            numberIn(cost, "delta"),
            (value) => `${value > 0 ? "+" : ""}${asMoney(value)}`,
          ),
          tile(
            "Security score",
            numberIn(risk, "score_b"),
            figure,
            `before: ${told(numberIn(risk, "score_a"), figure)}`,
          ),
          tile("Unchanged resources", numberIn(answer, "unchanged"), figure),
        ]}
      />
      <Resources answer={answer} />
      <Section title={count(differences.length, "different field")}>
        {differences.length === 0 ? (
          <Text c="dimmed">Both say the same.</Text>
        ) : (
          <Listing
            label="Differences, field by field"
            items={differences.map((difference, index) => ({ difference, index }))}
            keyOf={({ index }) => index}
            columns={[
              { title: "Resource", cell: ({ difference }) => textIn(difference, "resource") },
              { title: "Field", cell: ({ difference }) => textIn(difference, "path") },
              {
                title: "What",
                cell: ({ difference }) => (
                  <StateBadge
                    state={textIn(difference, "action")}
                    color={ACTION[textIn(difference, "action")]}
                  />
                ),
              },
              {
                title: "Before",
                cell: ({ difference }) => (
                  <Text span size="sm" c="dimmed">
                    {shown(difference.before)}
                  </Text>
                ),
              },
              { title: "After", cell: ({ difference }) => <b>{shown(difference.after)}</b> },
            ]}
          />
        )}
      </Section>
      <Issues title="New findings" issues={recordsIn(risk, "new_issues")} />
      <Issues title="Findings that go away" issues={recordsIn(risk, "resolved_issues")} />
    </Stack>
  );
}

function told(value: number | null, tell: (value: number) => string): string {
  return value === null ? "—" : tell(value);
}

function Resources({ answer }: { answer: Answer }) {
  const named = (name: string) =>
    [...recordsIn(answer, name).map((one) => textIn(one, "name")), ...textsIn(answer, name)].filter(Boolean);
  const rows: [string, string, string[]][] = [
    ["New", "green", named("added")],
    ["Gone", "red", named("removed")],
    [
      "Renamed",
      "grape",
      recordsIn(answer, "renamed").map((one) => `${textIn(one, "before")} → ${textIn(one, "after")}`),
    ],
    ["Changed", "blue", named("modified")],
  ];
  return (
    <Stack gap={6}>
      {rows
        .filter(([, , names]) => names.length > 0)
        .map(([title, color, names]) => (
          <Group key={title} gap="sm" wrap="nowrap" align="flex-start">
            <Badge color={color} variant="light" autoContrast style={{ flexShrink: 0 }}>
              {title}
            </Badge>
            <Text size="sm" className="wrap-anywhere">
              {names.join(", ")}
            </Text>
          </Group>
        ))}
    </Stack>
  );
}

function Issues({ title, issues }: { title: string; issues: readonly Answer[] }) {
  if (issues.length === 0) return null;
  return (
    <Section title={title}>
      <Stack gap={6}>
        {issues.map((issue, index) => (
          <Group key={index} gap="sm" wrap="nowrap" align="flex-start">
            <StateBadge state={textIn(issue, "severity")} />
            <Text size="sm" className="wrap-anywhere">
              {textIn(issue, "message")}{" "}
              <Text span size="sm" c="dimmed">
                {textIn(issue, "rule")}
              </Text>
            </Text>
          </Group>
        ))}
      </Stack>
    </Section>
  );
}
