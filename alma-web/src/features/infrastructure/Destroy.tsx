/** Removing a stack is a request like any other: it says what would go, and waits for its approval. */
import { Button, Checkbox, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { ProblemAlert } from "@/components/states";
import { $api } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";
import type { StackView } from "@/lib/api/schema";
import { count } from "@/lib/format";

export function DestroyButton({ stack }: { stack: StackView }) {
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button color="red" variant="light" leftSection={<IconTrash size={16} />} onClick={open}>
        Remove
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        closeButtonProps={{ "aria-label": "Close" }}
        title={`Remove ${stack.name}?`}
      >
        <Destroy stack={stack} onClose={close} />
      </Modal>
    </>
  );
}

function Destroy({ stack, onClose }: { stack: StackView; onClose: () => void }) {
  const [volumes, setVolumes] = useState(false);
  const [why, setWhy] = useState("");
  const navigate = useNavigate();
  const opening = $api.useMutation("post", "/api/v1/stacks/{stack_id}/destroy", {
    onSuccess: ({ id }) => {
      changed("/api/v1/iprs");
      void navigate(`/iprs/${id}`);
    },
  });
  const kept = stack.recorded.filter(({ retain }) => retain).map(({ address }) => address);
  const submit = () =>
    opening.mutate({ params: { path: { stack_id: stack.id } }, body: { volumes, description: why } });
  return (
    <Stack className="wrap-anywhere">
      <Text size="sm">
        This opens a request to remove {count(stack.recorded.length, "resource")} from {stack.engine}. Nothing
        is removed before it is approved and deployed; the request shows what would go.
      </Text>
      {kept.length > 0 && (
        <Checkbox
          label="Remove the data, too"
          description={
            volumes
              ? `${kept.join(", ")} would be deleted. There is no way back.`
              : `${kept.join(", ")} stays, and is found again when the blueprint is deployed anew.`
          }
          checked={volumes}
          onChange={(event) => setVolumes(event.currentTarget.checked)}
        />
      )}
      <TextInput
        label="Why"
        description="For whoever approves it"
        maxLength={10_000}
        value={why}
        onChange={(event) => setWhy(event.currentTarget.value)}
      />
      {opening.error !== null && <ProblemAlert problem={opening.error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Leave it
        </Button>
        <Button color="red" loading={opening.isPending} onClick={submit}>
          Open the request
        </Button>
      </Group>
    </Stack>
  );
}
