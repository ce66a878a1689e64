/** Plans again, from the newest revision and what runs now, and shows what is different. */
import { Alert, Button, Group, Modal, NumberInput, Select, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { ProblemAlert } from "@/components/states";
import { $api } from "@/lib/api/client";
import type { IprView, PlanView, Strategy } from "@/lib/api/schema";
import { asSeen, lookAgain, useTaken } from "./calls";
import { Differences } from "./Differences";

interface ReplanDialogProps {
  ipr: IprView;
  opened: boolean;
  onClose: () => void;
  onDone: (ipr: IprView) => void;
}

const PACES: { value: Strategy; label: string }[] = [
  { value: "all-at-once", label: "All at once" },
  { value: "rolling", label: "Rolling: a few of each resource at a time" },
  { value: "canary", label: "Canary: one of each resource, then the rest" },
];

export function ReplanDialog({ ipr, opened, onClose, onDone }: ReplanDialogProps) {
  const [pace, setPace] = useState<Strategy>(ipr.plan.strategy);
  const [batch, setBatch] = useState<number>(ipr.plan.batch ?? 1);
  const [before, setBefore] = useState<PlanView | null>(null);
  const taken = useTaken();
  const replan = $api.useMutation("post", "/api/v1/iprs/{ipr_id}/replan", {
    onMutate: () => setBefore(ipr.plan),
    onSuccess: (answer) => {
      onDone(answer);
      taken(answer);
    },
    onError: lookAgain,
  });
  const close = () => {
    replan.reset();
    setBefore(null);
    onClose();
  };
  const told = replan.data;
  return (
    <Modal
      closeButtonProps={{ "aria-label": "Close" }}
      opened={opened}
      onClose={close}
      size="lg"
      title="Replan"
    >
      <Stack>
        {told === undefined || before === null ? (
          <>
            <Text size="sm">
              Plans again, from the blueprint&apos;s newest revision and what runs now. Approvals of another
              plan lapse.
            </Text>
            <Select
              label="Pace"
              data={PACES}
              value={pace}
              allowDeselect={false}
              onChange={(value) => setPace(PACES.find((one) => one.value === value)?.value ?? pace)}
            />
            {pace === "rolling" && (
              <NumberInput
                label="At once"
                min={1}
                max={1000}
                value={batch}
                onChange={(value) => setBatch(Number(value) || 1)}
              />
            )}
            {replan.error !== null && <ProblemAlert problem={replan.error} />}
          </>
        ) : (
          <Alert
            color={told.plan_digest === before.digest ? "green" : "yellow"}
            title={
              told.plan_digest === before.digest
                ? "The plan is the same: approvals of it still hold"
                : "The plan is another one: it needs new approvals"
            }
          >
            {told.plan_digest !== before.digest && <Differences before={before} after={told.plan} />}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="subtle" onClick={close}>
            Close
          </Button>
          {told === undefined && (
            <Button
              loading={replan.isPending}
              onClick={() =>
                replan.mutate({
                  params: asSeen(ipr),
                  body: { strategy: pace, ...(pace === "rolling" ? { batch } : {}) },
                })
              }
            >
              Replan now
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
