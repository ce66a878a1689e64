/** The landing page: say what is to run, and watch what becomes of it. */
import { ActionIcon, Box, Button, Group, SegmentedControl, Title, Tooltip } from "@mantine/core";
import { useDocumentTitle, useMediaQuery } from "@mantine/hooks";
import { IconList, IconPlus } from "@tabler/icons-react";
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { useNavigate, useParams } from "react-router";
import { Empty } from "@/components/states";
import { useMay } from "@/lib/permissions";
import { freshId, talkOf, useChat, useWhose, type Chat, type Talk } from "./chats";
import { Composer } from "./Composer";
import { DraftPane } from "./DraftPane";
import { Standing } from "./Standing";
import { Transcript } from "./Transcript";
import { Underway } from "./Underway";
import { Welcome } from "./Welcome";
import classes from "./conversation.module.css";

const ConversationList = lazy(() => import("./ConversationList"));
const NARROW = "(max-width: 61.9375em)";

export default function ConversationPage() {
  const { id } = useParams();
  const may = useMay("conversation:use");
  if (!may) {
    return (
      <Empty title="Conversations are not for you here">
        Your roles in this project don&apos;t include them. Whoever administers the project can change that.
      </Empty>
    );
  }
  return id === undefined ? <Begin /> : <Going key={id} id={id} />;
}

/** Nothing was said yet: the first message makes the conversation. */
function Begin() {
  useDocumentTitle("ALMA");
  const navigate = useNavigate();
  const whose = useWhose();
  const box = useRef<HTMLTextAreaElement>(null);
  function say(message: string) {
    const id = freshId();
    talkOf(whose, id).say(message);
    void navigate(`/conversations/${id}`);
  }
  return (
    <div className={classes.page}>
      <div className={classes.top}>
        <Underway />
        <Lists current={null} />
      </div>
      <div className={classes.scroll}>
        <Welcome onSay={say}>
          <Composer
            id="new"
            busy={false}
            onSay={say}
            onStop={() => undefined}
            box={box}
            placeholder="For example: a web application with 2 servers and a database"
          />
        </Welcome>
      </div>
    </div>
  );
}

function Going({ id }: { id: string }) {
  const whose = useWhose();
  const talk = useMemo(() => talkOf(whose, id), [whose, id]);
  const chat = useChat(talk);
  useEffect(() => void talk.load(), [talk]);
  const title = chat.title ?? chat.turns[0]?.message ?? "Conversation";
  useDocumentTitle(`${title.slice(0, 60)} · ALMA`);
  return (
    <div className={classes.page}>
      <div className={classes.top}>
        <Underway />
        <Lists current={id} />
      </div>
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <Title order={1} size="h4" lineClamp={1} miw={0} title={title}>
          {title}
        </Title>
        <Box visibleFrom="md" flex="0 0 auto">
          <Standing id={id} />
        </Box>
      </Group>
      <Sides talk={talk} chat={chat} />
    </div>
  );
}

/** Words and drawing side by side, or behind tabs where there is no room for both. */
function Sides({ talk, chat }: { talk: Talk; chat: Chat }) {
  const narrow = useMediaQuery(NARROW, undefined, { getInitialValueInEffect: false });
  const [side, setSide] = useState("words");
  const box = useRef<HTMLTextAreaElement>(null);
  const busy = chat.turns.at(-1)?.state === "answering";
  const say = (message: string) => {
    talk.say(message);
    setSide("words");
    box.current?.focus();
  };
  const words = (
    <section className={classes.side} aria-label="Conversation">
      <Transcript talk={talk} chat={chat} onSay={say} />
      <Composer
        id={talk.id}
        busy={busy}
        onSay={say}
        onStop={() => void talk.stop()}
        box={box}
        placeholder="Change it, ask, or deploy it…"
      />
    </section>
  );
  const drawing = <DraftPane turns={chat.turns} busy={busy} onUndo={() => say("undo")} />;
  if (!narrow) {
    return (
      <div className={classes.body}>
        {words}
        {drawing}
      </div>
    );
  }
  return (
    <>
      <SegmentedControl
        fullWidth
        aria-label="What is shown"
        value={side}
        onChange={setSide}
        data={[
          { value: "words", label: "Conversation" },
          { value: "drawing", label: "Blueprint" },
        ]}
      />
      <div className={classes.body}>{side === "words" ? words : drawing}</div>
    </>
  );
}

function Lists({ current }: { current: string | null }) {
  const [open, setOpen] = useState(false);
  const navigate = useNavigate();
  return (
    <>
      <ActionIcon
        hiddenFrom="sm"
        variant="default"
        size={30}
        aria-label="Conversations"
        onClick={() => setOpen(true)}
        aria-haspopup="dialog"
      >
        <IconList size={16} />
      </ActionIcon>
      <Button
        visibleFrom="sm"
        size="xs"
        variant="default"
        leftSection={<IconList size={16} />}
        onClick={() => setOpen(true)}
        aria-haspopup="dialog"
      >
        Conversations
      </Button>
      {current !== null && (
        <Tooltip label="New conversation">
          <ActionIcon
            variant="default"
            size={30}
            aria-label="New conversation"
            onClick={() => void navigate("/")}
          >
            <IconPlus size={16} />
          </ActionIcon>
        </Tooltip>
      )}
      {open && (
        <Suspense>
          <ConversationList current={current} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
