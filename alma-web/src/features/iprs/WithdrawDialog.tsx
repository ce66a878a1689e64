import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { ProblemAlert } from "@/components/states";
import { $api } from "@/lib/api/client";
import type { IprView } from "@/lib/api/schema";
import { toldDone } from "@/lib/told";
import { asSeen, lookAgain, useTaken } from "./calls";

interface WithdrawDialogProps {
  ipr: IprView;
  onClose: () => void;
  onDone: (ipr: IprView) => void;
}

export function WithdrawDialog({ ipr, onClose, onDone }: WithdrawDialogProps) {
  const taken = useTaken();
  const withdraw = $api.useMutation("post", "/api/v1/iprs/{ipr_id}/cancel", {
    onSuccess: (answer) => {
      onDone(answer);
      taken(answer);
      toldDone("Withdrawn");
      onClose();
    },
    onError: lookAgain,
  });
  return (
    <Modal
      closeButtonProps={{ "aria-label": "Close" }}
      opened
      onClose={onClose}
      title="Withdraw this request?"
    >
      <Stack>
        <Text size="sm">
          It stays readable and can&apos;t be deployed any more. Nothing that runs is touched.
        </Text>
        {withdraw.error !== null && <ProblemAlert problem={withdraw.error} />}
        <Group justify="flex-end">
          <Button variant="subtle" onClick={onClose}>
            Keep it
          </Button>
          <Button
            color="red"
            loading={withdraw.isPending}
            onClick={() => withdraw.mutate({ params: asSeen(ipr) })}
          >
            Withdraw
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
