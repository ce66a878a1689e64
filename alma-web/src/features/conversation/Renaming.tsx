import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useState, type SubmitEvent } from "react";
import { useNavigate } from "react-router";
import { ProblemAlert } from "@/components/states";
import { $api } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";
import type { ConversationItem } from "@/lib/api/schema";
import { toldDone } from "@/lib/told";
import { talkOf, useWhose } from "./chats";

const CLOSE = { "aria-label": "Close" };

interface About {
  item: Pick<ConversationItem, "id" | "title">;
  onClose: () => void;
}

export function Rename({ item, onClose }: About) {
  const whose = useWhose();
  const [title, setTitle] = useState(item.title);
  const rename = $api.useMutation("patch", "/api/v1/conversation/{conversation_id}", {
    onSuccess: (renamed) => {
      talkOf(whose, item.id).retitle(renamed.title);
      changed("/api/v1/conversation");
      onClose();
    },
  });
  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    rename.mutate({ params: { path: { conversation_id: item.id } }, body: { title } });
  }
  return (
    <Modal opened onClose={onClose} title="Rename the conversation" closeButtonProps={CLOSE}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label="Title"
            value={title}
            onChange={(event) => setTitle(event.currentTarget.value)}
            required
            data-autofocus
          />
          {rename.error !== null && <ProblemAlert problem={rename.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={rename.isPending} disabled={title.trim() === ""}>
              Rename
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

export function Forget({ item, here, onClose }: About & { here: boolean }) {
  const navigate = useNavigate();
  const forget = $api.useMutation("delete", "/api/v1/conversation/{conversation_id}", {
    onSuccess: () => {
      changed("/api/v1/conversation");
      toldDone("The conversation was deleted");
      onClose();
      if (here) void navigate("/");
    },
  });
  return (
    <Modal opened onClose={onClose} title="Delete the conversation?" closeButtonProps={CLOSE}>
      <Stack>
        <Text className="wrap-anywhere" lineClamp={4}>
          {item.title}
        </Text>
        <Text size="sm" c="dimmed">
          What was said is forgotten for good. Blueprints, requests and what runs stay.
        </Text>
        {forget.error !== null && <ProblemAlert problem={forget.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep it
          </Button>
          <Button
            color="red"
            loading={forget.isPending}
            onClick={() => forget.mutate({ params: { path: { conversation_id: item.id } } })}
          >
            Delete it
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
