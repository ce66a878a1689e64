/** How a blueprint would be deployed, step by step. */
import { Alert, Badge, Card, Group, List, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { StateBadge } from "@/components/StateBadge";
import { type Answer, numberIn, recordIn, recordsIn, textIn, textsIn } from "@/lib/answer";
import { count, duration, words } from "@/lib/format";
import { Lead, tile } from "./Lead";
import { Section } from "./Section";

export function DeploymentView({ answer }: { answer: Answer }) {
  const time = recordIn(answer, "estimated_duration");
  const destructive = textsIn(answer, "destructive");
  const rollback = recordIn(answer, "rollback");
  const slow = numberIn(time, "p90");
  return (
    <Stack gap="lg">
      <Lead
        tiles={[
          tile(
            "Takes about",
            numberIn(time, "median"),
            duration,
            slow === null ? undefined : `${duration(slow)} if all is slow; ${textIn(time, "basis")}`,
          ),
          { label: "Strategy", value: textIn(answer, "strategy") },
          { label: "Engine", value: textIn(answer, "engine") },
          { label: "Ready", value: answer.ready === true ? "yes" : "not yet" },
        ]}
      />
      {destructive.length > 0 && (
        <Alert
          color="red"
          icon={<IconAlertTriangle />}
          title={`${count(destructive.length, "resource")} would be destroyed`}
        >
          {destructive.join(", ")}
        </Alert>
      )}
      <Section title="Checks before">
        <Stack gap={6}>
          {recordsIn(answer, "pre_checks").map((check) => (
            <Group key={textIn(check, "name")} gap="sm" wrap="nowrap" align="flex-start">
              <StateBadge
                state={textIn(check, "standing")}
                color={
                  textIn(check, "standing") === "pass" ? "green" : check.blocking === true ? "red" : "yellow"
                }
              />
              <Text size="sm" className="wrap-anywhere">
                <b>{words(textIn(check, "name"))}</b>: {textIn(check, "detail")}
              </Text>
            </Group>
          ))}
        </Stack>
      </Section>
      <Section title="Waves">
        <Waves waves={recordsIn(answer, "waves")} steps={recordsIn(answer, "steps")} />
      </Section>
      {textsIn(answer, "post_checks").length > 0 && (
        <Section title="Checks after">
          <List size="sm">
            {textsIn(answer, "post_checks").map((text) => (
              <List.Item key={text}>{text}</List.Item>
            ))}
          </List>
        </Section>
      )}
      <Section title="If it fails">
        <Text size="sm">
          {rollback.enabled === true
            ? `What was done is undone at ${textIn(rollback, "trigger")}.`
            : "Nothing is undone by itself."}
        </Text>
        <List size="sm" mt={6} type="ordered">
          {recordsIn(rollback, "steps").map((step, index) => (
            <List.Item key={index}>
              {textIn(step, "address")}: {textIn(step, "does")}
            </List.Item>
          ))}
        </List>
        {textsIn(rollback, "not_restored").map((text) => (
          <Text key={text} size="sm" c="red">
            Not restored: {text}
          </Text>
        ))}
      </Section>
    </Stack>
  );
}

function Waves({ waves, steps }: { waves: readonly Answer[]; steps: readonly Answer[] }) {
  return (
    <Stack gap="sm">
      {waves.map((wave) => {
        const number = numberIn(wave, "number");
        return (
          <Card key={number} withBorder padding="sm">
            <Group justify="space-between" mb={6}>
              <Title order={3} size="h6">
                Wave {number}
              </Title>
              <Text size="sm" c="dimmed">
                from {duration(numberIn(wave, "starts") ?? 0)} to {duration(numberIn(wave, "ends") ?? 0)}
              </Text>
            </Group>
            <Stack gap={6}>
              {steps
                .filter((step) => numberIn(step, "wave") === number)
                .map((step) => (
                  <OneStep key={numberIn(step, "number")} step={step} />
                ))}
            </Stack>
          </Card>
        );
      })}
    </Stack>
  );
}

const ACTION: Record<string, string> = {
  create: "green",
  update: "blue",
  replace: "orange",
  delete: "red",
};

function OneStep({ step }: { step: Answer }) {
  const after = textsIn(step, "after");
  const takesDown = textsIn(step, "takes_down");
  const time = numberIn(recordIn(step, "duration"), "median");
  return (
    <Group gap="sm" wrap="nowrap" align="flex-start">
      <StateBadge state={textIn(step, "action")} color={ACTION[textIn(step, "action")]} />
      <div style={{ flex: 1, minWidth: 0 }} className="wrap-anywhere">
        <Group gap={6}>
          <Text size="sm" fw={600}>
            {textIn(step, "address")}
          </Text>
          <Text size="sm" c="dimmed">
            {words(textIn(step, "type"))}
          </Text>
          {step.destructive === true && <Badge color="red">destructive</Badge>}
          {step.reboots === true && (
            <Badge color="orange" variant="light" autoContrast>
              reboots
            </Badge>
          )}
        </Group>
        <Text size="sm" c="dimmed">
          {[
            textIn(step, "reason"),
            after.length > 0 ? `after ${after.join(", ")}` : "",
            takesDown.length > 0 ? `takes down ${takesDown.join(", ")}` : "",
          ]
            .filter(Boolean)
            .join("; ")}
        </Text>
      </div>
      {time !== null && (
        <Text size="sm" c="dimmed" style={{ flexShrink: 0 }}>
          {duration(time)}
        </Text>
      )}
    </Group>
  );
}
