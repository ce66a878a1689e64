/** In which order it would be done, how long that takes, and what going back would do. */
import { Alert, Badge, Button, Group, List, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { Loaded } from "@/components/states";
import { $api } from "@/lib/api/client";
import type { IprView, PlanView } from "@/lib/api/schema";
import { count, duration } from "@/lib/format";
import { useMay } from "@/lib/permissions";
import { isOpen } from "./decisions";
import { type Rollout, rolloutOf } from "./rollout";
import { Section } from "./Section";

const FEW = 8;

export function Carrying({ ipr }: { ipr: IprView }) {
  const mayAsk = useMay("tool:run");
  const { plan } = ipr;
  const pace = plan.strategy === "rolling" ? `rolling, ${plan.batch ?? 1} at once` : plan.strategy;
  return (
    <Section title="Order and going back" beside={<Text size="sm">{pace}</Text>}>
      <Waves waves={plan.waves} />
      {mayAsk && isOpen(ipr) && ipr.kind === "deploy" && <Told ipr={ipr} />}
    </Section>
  );
}

function Waves({ waves }: Pick<PlanView, "waves">) {
  const [all, setAll] = useState(false);
  const shown = all ? waves : waves.slice(0, FEW);
  if (waves.length === 0) return <Text c="dimmed">Nothing is done.</Text>;
  return (
    <Stack gap={4}>
      <Title order={3} size="h6">
        {count(waves.length, "wave")}: each needs only those before it
      </Title>
      <List type="ordered" size="sm" className="wrap-anywhere">
        {shown.map((wave) => (
          <List.Item key={wave.join(" ")}>
            {wave.slice(0, FEW).join(", ")}
            {wave.length > FEW && ` and ${count(wave.length - FEW, "other")}`}
          </List.Item>
        ))}
      </List>
      {shown.length < waves.length && (
        <Button variant="default" size="xs" w="fit-content" onClick={() => setAll(true)}>
          Show all waves
        </Button>
      )}
    </Stack>
  );
}

function Told({ ipr }: { ipr: IprView }) {
  const { strategy, batch } = ipr.plan;
  const query = $api.useQuery(
    "post",
    "/api/v1/tools/execute-direct",
    {
      body: {
        tool_name: "generate_deployment_plan",
        arguments: {
          blueprint_id: ipr.blueprint_id,
          engine: ipr.engine,
          strategy,
          ...(batch === null ? {} : { batch }),
        },
        // Another plan is another question.
        context: { plan_digest: ipr.plan_digest },
      },
    },
    { staleTime: 300_000, refetchOnWindowFocus: false },
  );
  return (
    <Loaded query={query}>
      {({ result, error }) =>
        result === null ? (
          <Text size="sm" c="dimmed">
            {error ?? "How it would go back is not known."}
          </Text>
        ) : (
          <Back rollout={rolloutOf(result)} ipr={ipr} />
        )
      }
    </Loaded>
  );
}

const STANDING: Record<string, string> = { pass: "green", warn: "yellow", fail: "red", unknown: "gray" };

function Back({ rollout, ipr }: { rollout: Rollout; ipr: IprView }) {
  const { digest, median, p90, basis, checks, back, notRestored, trigger, leftOut } = rollout;
  const notable = checks.filter(({ standing }) => standing !== "pass");
  const [all, setAll] = useState(false);
  const steps = all ? back : back.slice(0, FEW);
  return (
    <Stack gap="sm">
      {digest !== null && digest !== ipr.plan_digest && (
        <Alert role="note" color="yellow" title="What would be done now is not this plan any more">
          What follows is told of the blueprint and of what runs as they are now. Replan to see the
          difference.
        </Alert>
      )}
      {median !== null && (
        <Text size="sm">
          Takes about {duration(median)}
          {p90 !== null && `, at most ${duration(p90)} in nine of ten cases`} ({basis}).
        </Text>
      )}
      {notable.length > 0 && (
        <Stack gap={4}>
          <Title order={3} size="h6">
            Before it begins
          </Title>
          {notable.map(({ name, standing, detail }) => (
            <Group key={name} gap="xs" wrap="nowrap" align="flex-start">
              <Badge
                color={STANDING[standing] ?? "gray"}
                variant="light"
                autoContrast
                style={{ flexShrink: 0 }}
              >
                {standing}
              </Badge>
              <Text size="sm" className="wrap-anywhere">
                {name}: {detail}
              </Text>
            </Group>
          ))}
        </Stack>
      )}
      {notRestored.length > 0 && (
        <Alert role="note" color="orange" title="Going back would not bring back" className="wrap-anywhere">
          {notRestored.slice(0, 4 * FEW).join(", ")}
        </Alert>
      )}
      <Stack gap={4}>
        <Title order={3} size="h6">
          Going back
        </Title>
        {trigger !== "" && (
          <Text size="sm" c="dimmed">
            When: {trigger}.
          </Text>
        )}
        <List type="ordered" size="sm" className="wrap-anywhere">
          {steps.map(({ address, does, restores }) => (
            <List.Item key={address}>
              {address}: {does}
              {!restores && " (not as it was)"}
            </List.Item>
          ))}
        </List>
        {steps.length < back.length && (
          <Button variant="default" size="xs" w="fit-content" onClick={() => setAll(true)}>
            Show {count(back.length, "step")}
          </Button>
        )}
        {leftOut > 0 && all && (
          <Text size="sm" c="dimmed">
            {count(leftOut, "line")} more in <code>alma tools run generate_deployment_plan</code>.
          </Text>
        )}
      </Stack>
    </Stack>
  );
}
