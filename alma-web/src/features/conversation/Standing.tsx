/** Where the conversation stands on the way from words to what runs, as the server tells it. */
import { Group, Text, Tooltip, VisuallyHidden } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { Fragment } from "react";
import { $api } from "@/lib/api/client";
import { every } from "@/lib/api/queries";
import type { GraphView } from "@/lib/api/schema";

/** The nodes of the server's drawing that make up each step. */
const STEPS: readonly { title: string; nodes: readonly string[] }[] = [
  { title: "Draft", nodes: ["interpret", "draft"] },
  { title: "Request", nodes: ["plan", "examine", "open"] },
  { title: "Approval", nodes: ["approval", "decide"] },
  { title: "Deployment", nodes: ["deploy", "lock", "recheck", "execute", "verify", "undo"] },
  { title: "Done", nodes: ["conclude"] },
];
const SECONDS = 10;

export function Standing({ id }: { id: string }) {
  const { data: told } = $api.useQuery(
    "get",
    "/api/v1/conversation/{conversation_id}/graph",
    { params: { path: { conversation_id: id } } },
    { refetchInterval: every(SECONDS), retry: false },
  );
  const data = told as GraphView | undefined; // it may come as a drawing, which was not asked for
  const here = STEPS.findIndex(({ nodes }) => data !== undefined && nodes.includes(data.stands));
  if (data === undefined || here < 0) return null;
  return (
    <Tooltip label={data.detail} multiline maw={360}>
      <Group gap={4} wrap="nowrap" tabIndex={0} role="group" aria-label={`Where it stands: ${data.detail}`}>
        {STEPS.map(({ title }, at) => (
          <Fragment key={title}>
            {at > 0 && <IconChevronRight size={12} aria-hidden />}
            <Text
              size="xs"
              fw={at === here ? 700 : 400}
              c={at === here ? undefined : "dimmed"}
              aria-current={at === here ? "step" : undefined}
            >
              {title}
              {at === here && <VisuallyHidden> (here)</VisuallyHidden>}
            </Text>
          </Fragment>
        ))}
      </Group>
    </Tooltip>
  );
}
