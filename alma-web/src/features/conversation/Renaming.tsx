import { Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useNavigate } from "react-router";
import { AskingDialog, FormDialog } from "@/components/acting";
import { api } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";
import type { ConversationItem } from "@/lib/api/schema";
import { talkOf, useWhose } from "./chats";

interface About {
  item: Pick<ConversationItem, "id" | "title">;
  onClose: () => void;
}

export function Rename({ item, onClose }: About) {
  const whose = useWhose();
  const [title, setTitle] = useState(item.title);
  async function rename() {
    const { data } = await api.PATCH("/api/v1/conversation/{conversation_id}", {
      params: { path: { conversation_id: item.id } },
      body: { title },
    });
    if (data !== undefined) talkOf(whose, item.id).retitle(data.title);
    changed("/api/v1/conversation");
  }
  return (
    <FormDialog title="Rename the conversation" opened onClose={onClose} submit="Rename" work={rename}>
      <TextInput
        label="Title"
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
        required
        data-autofocus
      />
    </FormDialog>
  );
}

export function Forget({ item, here, onClose }: About & { here: boolean }) {
  const navigate = useNavigate();
  async function forget() {
    await api.DELETE("/api/v1/conversation/{conversation_id}", {
      params: { path: { conversation_id: item.id } },
    });
    changed("/api/v1/conversation");
    if (here) void navigate("/");
  }
  return (
    <AskingDialog
      title="Delete the conversation?"
      opened
      onClose={onClose}
      confirm="Delete it"
      refuse="Keep it"
      work={forget}
      done="The conversation was deleted"
    >
      <Text lineClamp={4}>{item.title}</Text>
      <Text size="sm" c="dimmed">
        What was said is forgotten for good. Blueprints, requests and what runs stay.
      </Text>
    </AskingDialog>
  );
}
