/** What was said and answered, with the newest in sight. */
import { Button, Group } from "@mantine/core";
import { useEffect, useRef } from "react";
import { ProblemAlert, Waiting } from "@/components/states";
import { useMay } from "@/lib/permissions";
import type { Chat, Talk } from "./chats";
import { RequestCard } from "./RequestCard";
import { Suggestions } from "./Suggestions";
import { TurnView } from "./TurnView";
import { requestOf } from "./turns";
import classes from "./conversation.module.css";

/** Whoever has scrolled up further than this is reading, and is left there. */
const NEAR = 160;

interface TranscriptProps {
  talk: Talk;
  chat: Chat;
  onSay: (message: string) => void;
}

export function Transcript({ talk, chat, onSay }: TranscriptProps) {
  const { turns, loading, problem } = chat;
  const mayRead = useMay("ipr:read");
  const ipr = mayRead ? requestOf(turns) : null;
  const last = turns.at(-1);
  const scroll = useFollowing(turns.length);
  return (
    <div
      className={classes.scroll}
      ref={scroll}
      role="log"
      aria-label="What was said"
      aria-live="polite"
      tabIndex={0}
    >
      <div className={classes.turns}>
        {loading && turns.length === 0 && <Waiting />}
        {problem !== null && <ProblemAlert problem={problem} onRetry={() => void talk.load()} />}
        {turns.map((turn) => (
          <TurnView key={turn.key} turn={turn} last={turn === last} />
        ))}
        {last?.state === "failed" && <Again onAgain={() => void talk.again()} />}
        {ipr !== null && <RequestCard id={ipr} />}
        {last?.state === "answered" && (
          <Suggestions actions={last.answer?.suggested_actions ?? []} ipr={ipr} onSay={onSay} />
        )}
      </div>
    </div>
  );
}

function Again({ onAgain }: { onAgain: () => void }) {
  return (
    <Group>
      <Button size="xs" variant="light" onClick={onAgain}>
        Say it again
      </Button>
    </Group>
  );
}

/** Keeps the end in sight while the content grows, unless somebody reads further up. A new message always shows. */
function useFollowing(turns: number) {
  const scroll = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const box = scroll.current;
    box?.scrollTo({ top: box.scrollHeight });
  }, [turns]);
  useEffect(() => {
    const box = scroll.current;
    const content = box?.firstElementChild;
    if (box === null || content == null) return;
    let height = box.scrollHeight;
    const sizes = new ResizeObserver(() => {
      const near = height - box.scrollTop - box.clientHeight < NEAR;
      height = box.scrollHeight;
      if (near) box.scrollTo({ top: box.scrollHeight });
    });
    sizes.observe(content);
    return () => sizes.disconnect();
  }, []);
  return scroll;
}
