/** Answers for a broken rule, with a reason and until a day. */
import { Alert, Button, Group, Modal, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import type { ShownFinding } from "@/components/Findings";
import { placeOf } from "@/components/plan/changes";
import { ProblemAlert } from "@/components/states";
import { $api } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";
import type { PlanView } from "@/lib/api/schema";

interface WaiveDialogProps {
  rule: string;
  finding: ShownFinding;
  plan: PlanView;
  /** The resources of the blueprint. */
  names: readonly string[];
  onClose: () => void;
  onReplan: (() => void) | null;
}

const SHORTEST = 3;

export function WaiveDialog({ rule, finding, plan, names, onClose, onReplan }: WaiveDialogProps) {
  const place = placeOf(finding.path, names);
  const resource = place.kind === "resource" ? place.name : "*";
  const [reason, setReason] = useState("");
  const [expires, setExpires] = useState("");
  const waive = $api.useMutation("post", "/api/v1/policies/waivers", {
    onSuccess: () => changed("/api/v1/policies"),
  });
  return (
    <Modal
      closeButtonProps={{ "aria-label": "Close" }}
      opened
      onClose={onClose}
      title={`Waive ${rule}`}
      size="lg"
    >
      {waive.data === undefined ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            waive.mutate({
              body: { rule, resource, blueprint: plan.blueprint_name, reason: reason.trim(), expires },
            });
          }}
        >
          <Stack>
            <Text size="sm" className="wrap-anywhere">
              {finding.title}: {finding.message}. You answer for it for{" "}
              <b>{resource === "*" ? "all of the blueprint" : resource}</b> in <b>{plan.blueprint_name}</b>.
            </Text>
            <Textarea
              label="Reason"
              required
              minLength={SHORTEST}
              maxLength={500}
              autosize
              minRows={2}
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            <TextInput
              label="Last day on which it holds"
              type="date"
              required
              value={expires}
              onChange={(event) => setExpires(event.currentTarget.value)}
            />
            {waive.error !== null && <ProblemAlert problem={waive.error} />}
            <Group justify="flex-end">
              <Button variant="subtle" onClick={onClose}>
                Close
              </Button>
              <Button
                type="submit"
                loading={waive.isPending}
                disabled={reason.trim().length < SHORTEST || expires === ""}
              >
                Waive
              </Button>
            </Group>
          </Stack>
        </form>
      ) : (
        <Stack>
          <Alert color="green" title={`Waived until ${waive.data.expires}`}>
            The plan rests on the rules as they were. Replan the request, so that it goes by the waiver.
          </Alert>
          <Group justify="flex-end">
            <Button variant="subtle" onClick={onClose}>
              Close
            </Button>
            {onReplan !== null && <Button onClick={onReplan}>Replan</Button>}
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
