/** What can be done with a run: stop it, try it again, go back to what was before. Only what can be done is offered. */
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconArrowBackUp, IconPlayerStop, IconRefresh } from "@tabler/icons-react";
import { useNavigate } from "react-router";
import { ProblemAlert } from "@/components/states";
import { $api } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";
import type { DeploymentSummary, DeploymentView } from "@/lib/api/schema";
import { useMay } from "@/lib/permissions";
import { toldDone } from "@/lib/told";
import { GoBack } from "./GoBack";
import type { Run } from "./useRun";

const CLOSE = { "aria-label": "Close" };

export function Actions({ run, history }: { run: Run; history: readonly DeploymentSummary[] }) {
  const { read, ended, state } = run;
  const mayCancel = useMay("deployment:cancel");
  const mayDeploy = useMay("deployment:start");
  const mayOpen = useMay("ipr:open");
  const mayWrite = useMay("blueprint:write");
  // The last run of a request is the one that is tried again; one that was carried out or cancelled is over.
  const last = !history.some((other) => other.ipr_id === read.ipr_id && other.created_at > read.created_at);
  const retries = ended && last && (state === "failed" || state === "rolled_back");
  return (
    <>
      {!ended && mayCancel && <Cancel read={read} />}
      {retries && mayDeploy && <Retry id={read.id} />}
      {ended && state !== "succeeded" && !retries && read.kind === "deploy" && mayOpen && (
        <AskAgain read={read} />
      )}
      {ended && read.kind === "deploy" && read.revision > 1 && mayOpen && mayWrite && (
        <Back read={read} history={history} />
      )}
    </>
  );
}

function Cancel({ read }: { read: DeploymentView }) {
  const [opened, { open, close }] = useDisclosure();
  const cancelling = $api.useMutation("post", "/api/v1/deployments/{deployment_id}/cancel", {
    onSuccess: () => {
      changed("/api/v1/deployments", "/api/v1/iprs");
      close();
    },
  });
  return (
    <>
      <Button
        color="red"
        variant="light"
        leftSection={<IconPlayerStop size={16} />}
        onClick={open}
        disabled={read.cancel_requested}
      >
        {read.cancel_requested ? "Stopping" : "Cancel"}
      </Button>
      <Modal opened={opened} onClose={close} closeButtonProps={CLOSE} title="Cancel this deployment?">
        <Stack>
          <Text size="sm">
            It stops at the next step. What is under way right now is finished first: nothing is left half
            done.
          </Text>
          <Text size="sm">
            {read.on_failure === "keep"
              ? "What it has made by then stays, as was asked for when it was started."
              : "Then what it has made is undone, in reverse order. Data that a step removed does not come back."}{" "}
            Its request is over after that; going on takes a new one.
          </Text>
          {cancelling.error !== null && <ProblemAlert problem={cancelling.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Let it run
            </Button>
            <Button
              color="red"
              loading={cancelling.isPending}
              onClick={() => cancelling.mutate({ params: { path: { deployment_id: read.id } } })}
            >
              Cancel the deployment
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}

function Refused({ problem, title, onClose }: { problem: unknown; title: string; onClose: () => void }) {
  return (
    <Modal opened={problem !== null} onClose={onClose} closeButtonProps={CLOSE} title={title}>
      {problem !== null && <ProblemAlert problem={problem} />}
    </Modal>
  );
}

function Retry({ id }: { id: string }) {
  const navigate = useNavigate();
  const retrying = $api.useMutation("post", "/api/v1/deployments/{deployment_id}/retry", {
    onSuccess: ({ deployment_id }) => {
      changed("/api/v1/deployments", "/api/v1/iprs");
      toldDone("The request is deployed again.");
      void navigate(`/deployments/${deployment_id}`);
    },
  });
  return (
    <>
      <Button
        leftSection={<IconRefresh size={16} />}
        loading={retrying.isPending}
        onClick={() => retrying.mutate({ params: { path: { deployment_id: id } } })}
      >
        Retry
      </Button>
      <Refused problem={retrying.error} title="It can't be retried like this" onClose={retrying.reset} />
    </>
  );
}

function AskAgain({ read }: { read: DeploymentView }) {
  const navigate = useNavigate();
  const opening = $api.useMutation("post", "/api/v1/iprs", {
    onSuccess: ({ id }) => {
      changed("/api/v1/iprs");
      void navigate(`/iprs/${id}`);
    },
  });
  const body = { title: `Deploy ${read.stack} again`, blueprint_id: read.blueprint_id, engine: read.engine };
  return (
    <>
      <Button variant="light" loading={opening.isPending} onClick={() => opening.mutate({ body })}>
        Open a new request
      </Button>
      <Refused problem={opening.error} title="No request could be opened" onClose={opening.reset} />
    </>
  );
}

function Back({ read, history }: { read: DeploymentView; history: readonly DeploymentSummary[] }) {
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button variant="default" leftSection={<IconArrowBackUp size={16} />} onClick={open}>
        Roll back
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        closeButtonProps={CLOSE}
        title="Go back to an earlier revision"
        size="lg"
      >
        <GoBack read={read} history={history} onClose={close} />
      </Modal>
    </>
  );
}
