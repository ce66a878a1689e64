import { Button, Group, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { ProblemAlert } from "@/components/states";
import { $api } from "@/lib/api/client";
import type { IprView } from "@/lib/api/schema";
import { toldDone } from "@/lib/told";
import { asSeen, lookAgain, useTaken } from "./calls";

interface WordsDialogProps {
  ipr: IprView;
  onClose: () => void;
  onDone: (ipr: IprView) => void;
}

/** Other words for a request that is still pending. */
export function WordsDialog({ ipr, onClose, onDone }: WordsDialogProps) {
  const [title, setTitle] = useState(ipr.title);
  const [description, setDescription] = useState(ipr.description);
  const taken = useTaken();
  const edit = $api.useMutation("put", "/api/v1/iprs/{ipr_id}", {
    onSuccess: (answer) => {
      onDone(answer);
      taken(answer);
      toldDone("Saved");
      onClose();
    },
    onError: lookAgain,
  });
  return (
    <Modal closeButtonProps={{ "aria-label": "Close" }} opened onClose={onClose} title="Edit words" size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          edit.mutate({ params: asSeen(ipr), body: { title: title.trim(), description } });
        }}
      >
        <Stack>
          <TextInput
            label="Title"
            required
            maxLength={200}
            value={title}
            onChange={(event) => setTitle(event.currentTarget.value)}
          />
          <Textarea
            label="Description"
            autosize
            minRows={4}
            maxRows={14}
            maxLength={10_000}
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          {edit.error !== null && <ProblemAlert problem={edit.error} />}
          <Group justify="flex-end">
            <Button variant="subtle" onClick={onClose}>
              Close
            </Button>
            <Button type="submit" loading={edit.isPending} disabled={title.trim() === ""}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
