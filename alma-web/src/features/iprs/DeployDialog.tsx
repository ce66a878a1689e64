/** Runs what was approved, or shows what would be done now. */
import { Alert, Button, Group, List, Modal, Radio, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useNavigate } from "react-router";
import { PlanDiff } from "@/components/plan/PlanDiff";
import { ProblemAlert } from "@/components/states";
import { $api } from "@/lib/api/client";
import type { DryRun, IprView, OnFailure, Queued } from "@/lib/api/schema";
import { changed } from "@/lib/api/queries";
import { asSeen, differencesIn, isStale, lookAgain } from "./calls";
import { Differences } from "./Differences";
import type { Offer } from "./decisions";

interface DeployDialogProps {
  ipr: IprView;
  offers: ReadonlySet<Offer>;
  opened: boolean;
  onClose: () => void;
  onReplan: () => void;
}

function isDryRun(answer: DryRun | Queued): answer is DryRun {
  return "plan" in answer;
}

export function DeployDialog({ ipr, offers, opened, onClose, onReplan }: DeployDialogProps) {
  const [onFailure, setOnFailure] = useState<OnFailure>("roll_back");
  const navigate = useNavigate();
  const ready = offers.has("deploy");
  const deploy = $api.useMutation("post", "/api/v1/iprs/{ipr_id}/deploy", {
    onSuccess: (answer) => {
      if (isDryRun(answer)) return;
      changed("/api/v1/iprs", "/api/v1/deployments", "/api/v1/stacks");
      void navigate(`/deployments/${answer.deployment_id}`);
    },
    onError: lookAgain,
  });
  const run = (dry_run: boolean) =>
    deploy.mutate({ params: asSeen(ipr), body: { on_failure: onFailure, dry_run } });
  const dryRun = deploy.data !== undefined && isDryRun(deploy.data) ? deploy.data : null;
  const busy = (dry: boolean) => deploy.isPending && deploy.variables.body?.dry_run === dry;
  return (
    <Modal
      closeButtonProps={{ "aria-label": "Close" }}
      opened={opened}
      onClose={onClose}
      size="xl"
      title={ready ? "Deploy" : "Dry run"}
    >
      <Stack>
        <Text size="sm" className="wrap-anywhere">
          {ready
            ? `Runs the approved plan on ${ipr.engine}. What runs is read again first: if it moved, nothing is done.`
            : `Shows what would be done on ${ipr.engine} now. Nothing is done.`}
        </Text>
        {ready && (
          <Radio.Group
            label="If a change fails"
            value={onFailure}
            onChange={(value) => setOnFailure(value === "keep" ? "keep" : "roll_back")}
          >
            <Stack gap="xs" mt={4}>
              <Radio value="roll_back" label="Roll back: undo what this deployment did" />
              <Radio value="keep" label="Keep: leave what was done as it is, to look at it" />
            </Stack>
          </Radio.Group>
        )}
        {deploy.error !== null && isStale(deploy.error) && (
          <Stale error={deploy.error} onReplan={offers.has("replan") ? onReplan : null} />
        )}
        {deploy.error !== null && !isStale(deploy.error) && <ProblemAlert problem={deploy.error} />}
        {dryRun !== null && <Now ipr={ipr} dryRun={dryRun} />}
        <Group justify="flex-end">
          <Button variant="subtle" onClick={onClose}>
            Close
          </Button>
          {offers.has("dry_run") && (
            <Button variant="default" loading={busy(true)} onClick={() => run(true)}>
              Dry run
            </Button>
          )}
          {ready && (
            <Button loading={busy(false)} onClick={() => run(false)}>
              Deploy now
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}

function Now({ ipr, dryRun }: { ipr: IprView; dryRun: DryRun }) {
  const { plan } = dryRun;
  if (plan.digest === ipr.plan_digest) {
    return (
      <Alert color="green" title="Exactly this plan would run now">
        Nothing was done.
      </Alert>
    );
  }
  return (
    <Stack gap="sm">
      <Alert color="yellow" title="What would be done now is not this plan any more">
        <Differences before={ipr.plan} after={plan} />
      </Alert>
      <PlanDiff plan={plan} />
    </Stack>
  );
}

/** The world moved since the approval: says what, and how to go on. */
export function Stale({ error, onReplan }: { error: unknown; onReplan: (() => void) | null }) {
  const differences = differencesIn(error);
  return (
    <Alert
      color="orange"
      role="alert"
      title="Nothing was deployed: the plan is not the one that was approved"
    >
      <Stack gap="xs" align="flex-start" className="wrap-anywhere">
        {differences.length > 0 && (
          <List size="sm">
            {differences.map((line) => (
              <List.Item key={line}>{line}</List.Item>
            ))}
          </List>
        )}
        <Text size="sm">Replan it, look at what is different, and have that approved.</Text>
        {onReplan !== null && (
          <Button size="xs" onClick={onReplan}>
            Replan
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
