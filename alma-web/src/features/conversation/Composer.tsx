import { ActionIcon, Group, Stack, Text, Textarea, Tooltip } from "@mantine/core";
import { IconArrowUp, IconPlayerStopFilled } from "@tabler/icons-react";
import { type KeyboardEvent, type RefObject } from "react";
import { useTyped } from "./drafts";

/** More is not read at all. */
const LONGEST = 8_000;

interface ComposerProps {
  /** Whose words these are to be: what was typed is kept for each. */
  id: string;
  busy: boolean;
  onSay: (message: string) => void;
  onStop: () => void;
  box: RefObject<HTMLTextAreaElement | null>;
  placeholder: string;
}

export function Composer({ id, busy, onSay, onStop, box, placeholder }: ComposerProps) {
  const [typed, setTyped] = useTyped(id);
  const ready = typed.trim() !== "" && !busy;
  function say() {
    if (!ready) return;
    onSay(typed.trim());
    setTyped("");
  }
  function onKey(event: KeyboardEvent) {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    say();
  }
  return (
    <Stack gap={4}>
      <Group gap="xs" align="flex-end" wrap="nowrap">
        <Textarea
          ref={box}
          flex={1}
          autosize
          minRows={1}
          maxRows={8}
          size="md"
          aria-label="Message"
          placeholder={placeholder}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={onKey}
          autoFocus={window.matchMedia("(pointer: fine)").matches}
        />
        {busy ? (
          <Tooltip label="Stop">
            <ActionIcon size={42} color="red" variant="light" aria-label="Stop the answer" onClick={onStop}>
              <IconPlayerStopFilled size={18} />
            </ActionIcon>
          </Tooltip>
        ) : (
          <Tooltip label="Send (Enter)">
            <ActionIcon size={42} aria-label="Send" disabled={!ready} onClick={say}>
              <IconArrowUp size={20} />
            </ActionIcon>
          </Tooltip>
        )}
      </Group>
      <Text size="xs" c={typed.length > LONGEST ? "var(--mantine-color-error)" : "dimmed"}>
        {typed.length > LONGEST
          ? `${typed.length.toLocaleString("en-US")} characters; up to ${LONGEST.toLocaleString("en-US")} are read.`
          : "Enter sends, Shift+Enter begins a new line."}
      </Text>
    </Stack>
  );
}
