/** The reviewer's word: approve, ask for changes, or reject. */
import { Button, Checkbox, Group, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { ProblemAlert } from "@/components/states";
import { $api } from "@/lib/api/client";
import type { IprView, ReviewAction } from "@/lib/api/schema";
import { count } from "@/lib/format";
import { toldDone } from "@/lib/told";
import { asSeen, lookAgain, useTaken } from "./calls";
import type { Offer } from "./decisions";

interface DecideProps {
  ipr: IprView;
  offers: ReadonlySet<Offer>;
  /** Somebody was faster, and it was not looked at yet. */
  overtaken: boolean;
  onDone: (ipr: IprView) => void;
}

const DONE: Record<ReviewAction, string> = {
  approve: "Approved",
  request_changes: "Changes asked for",
  reject: "Rejected",
};

export function Decide({ ipr, offers, overtaken, onDone }: DecideProps) {
  const [comments, setComments] = useState("");
  const [known, setKnown] = useState<string | null>(null);
  const taken = useTaken();
  const review = $api.useMutation("post", "/api/v1/iprs/{ipr_id}/review", {
    onSuccess: (answer, { body }) => {
      setComments("");
      onDone(answer);
      taken(answer);
      toldDone(`${DONE[body.action]}: ${answer.title}`);
    },
    onError: lookAgain,
  });
  const say = (action: ReviewAction) =>
    review.mutate({
      params: asSeen(ipr),
      body: { action, comments, plan_digest: ipr.plan_digest },
    });
  const gone = ipr.plan.destructive.length;
  const mayApprove = gone === 0 || known === ipr.plan_digest;
  const wordless = comments.trim() === "";
  if (!offers.has("approve") && !offers.has("reject")) return null;
  return (
    <Stack gap="sm" component="section" aria-label="Your review">
      <Textarea
        label="Comment"
        description="To ask for changes or to reject, say why."
        autosize
        minRows={2}
        maxRows={8}
        maxLength={10_000}
        value={comments}
        onChange={(event) => setComments(event.currentTarget.value)}
      />
      {gone > 0 && offers.has("approve") && (
        <Checkbox
          label={`I have looked at what goes away: ${count(gone, "resource")}`}
          checked={known === ipr.plan_digest}
          onChange={(event) => setKnown(event.currentTarget.checked ? ipr.plan_digest : null)}
        />
      )}
      {review.error !== null && <ProblemAlert problem={review.error} />}
      {offers.has("approve") && (
        <Button
          fullWidth
          color={gone > 0 ? "red" : undefined}
          disabled={overtaken || !mayApprove}
          loading={review.isPending && review.variables.body.action === "approve"}
          onClick={() => say("approve")}
          autoContrast
        >
          {gone > 0 ? `Approve, with ${count(gone, "loss", "losses")}` : "Approve"}
        </Button>
      )}
      {/* Each as wide as its words: half of the panel cuts the longer ones. */}
      <Group gap="xs">
        {offers.has("request_changes") && (
          <Button
            variant="default"
            flex="1 0 auto"
            px="sm"
            disabled={overtaken || wordless}
            loading={review.isPending && review.variables.body.action === "request_changes"}
            onClick={() => say("request_changes")}
          >
            Request changes
          </Button>
        )}
        {offers.has("reject") && (
          <Button
            variant="light"
            flex="1 0 auto"
            px="sm"
            color="red"
            disabled={overtaken || wordless}
            loading={review.isPending && review.variables.body.action === "reject"}
            onClick={() => say("reject")}
          >
            Reject
          </Button>
        )}
      </Group>
      {overtaken && (
        <Text size="sm" c="dimmed">
          Look at what changed first.
        </Text>
      )}
    </Stack>
  );
}
