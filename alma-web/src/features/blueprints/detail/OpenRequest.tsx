import { Button, Group, Modal, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useNavigate } from "react-router";
import { ProblemAlert } from "@/components/states";
import { $api } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";
import type { BlueprintView } from "@/lib/api/schema";
import { toldDone } from "@/lib/told";
import type { Wish } from "../calls";

interface OpenRequestProps {
  blueprint: BlueprintView;
  wish: Wish;
  onClose: () => void;
}

/** Asks for the approval of what the plan says: title, description, where and how. */
export default function OpenRequest({ blueprint, wish, onClose }: OpenRequestProps) {
  const go = useNavigate();
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { title: `Deploy ${blueprint.name}`.slice(0, 200), description: "" },
    validate: { title: (title) => (title.trim() === "" ? "Say what this is about" : null) },
  });
  const open = $api.useMutation("post", "/api/v1/iprs", {
    onSuccess: ({ id }) => {
      changed("/api/v1/iprs");
      toldDone("The request waits for its review.");
      void go(`/iprs/${id}`);
    },
  });
  return (
    <Modal
      opened
      closeButtonProps={{ "aria-label": "Close" }}
      onClose={onClose}
      title="Open a request"
      size="lg"
    >
      <form
        onSubmit={form.onSubmit(({ title, description }) =>
          open.mutate({ body: { title: title.trim(), description, blueprint_id: blueprint.id, ...wish } }),
        )}
      >
        <Stack>
          <Text size="sm" c="dimmed">
            Somebody reviews the plan, and what was approved is what runs. It is planned anew for the request,
            from revision {blueprint.revision} if nobody saves another meanwhile.
          </Text>
          <TextInput
            label="Title"
            required
            maxLength={200}
            data-autofocus
            key={form.key("title")}
            {...form.getInputProps("title")}
          />
          <Textarea
            label="Description"
            description="Why, and what a reviewer should look at."
            autosize
            minRows={3}
            maxRows={12}
            maxLength={10_000}
            key={form.key("description")}
            {...form.getInputProps("description")}
          />
          {open.error !== null && <ProblemAlert problem={open.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Not now
            </Button>
            <Button type="submit" loading={open.isPending}>
              Open the request
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
