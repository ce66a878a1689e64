/** How the words were read: what they became, what was assumed, and what came to nothing. */
import { Alert, Badge, Collapse, Group, List, Stack, Text, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronRight, IconHelpCircle } from "@tabler/icons-react";
import { useState } from "react";
import { count } from "@/lib/format";
import type { Answer } from "./turns";
import classes from "./conversation.module.css";

export function Reading({ answer, response, open }: { answer: Answer; response: string; open: boolean }) {
  const { understood, assumptions, question, unused, opinions } = answer;
  return (
    <Stack gap={6}>
      {question !== null && !response.includes(question) && (
        <Alert color="blue" icon={<IconHelpCircle />} p="xs" className="wrap-anywhere">
          {question}
        </Alert>
      )}
      {unused.length > 0 && (
        <Group gap={6}>
          <Text size="sm" c="dimmed">
            Changed nothing:
          </Text>
          {unused.map((word, at) => (
            <Badge key={`${at} ${word}`} color="gray" variant="light" tt="none" autoContrast>
              {word}
            </Badge>
          ))}
        </Group>
      )}
      {opinions.map((opinion) => (
        <Text key={opinion} size="sm" fs="italic" className="wrap-anywhere">
          The model&apos;s opinion, which nothing supports: {opinion}
        </Text>
      ))}
      {understood.length + assumptions.length > 0 && (
        <Details key={String(open)} understood={understood} assumptions={assumptions} open={open} />
      )}
    </Stack>
  );
}

function Details({
  understood,
  assumptions,
  open,
}: Pick<Answer, "understood" | "assumptions"> & { open: boolean }) {
  const [shown, setShown] = useState(open);
  const guessed = assumptions.length > 0 ? `, ${count(assumptions.length, "assumption")}` : "";
  const Chevron = shown ? IconChevronDown : IconChevronRight;
  return (
    <div>
      <UnstyledButton onClick={() => setShown(!shown)} aria-expanded={shown}>
        <Group gap={4}>
          <Chevron size={14} aria-hidden />
          <Text size="sm" c="dimmed">
            How this was read{guessed}
          </Text>
        </Group>
      </UnstyledButton>
      <Collapse expanded={shown}>
        <Stack gap={4} pt={4} pl="md">
          <Items title="Understood" items={understood} />
          <Items title="Assumed, please check" items={assumptions} guess />
        </Stack>
      </Collapse>
    </div>
  );
}

function Items({ title, items, guess }: { title: string; items: readonly string[]; guess?: boolean }) {
  if (items.length === 0) return null;
  return (
    <div>
      <Text size="xs" fw={600} className={guess ? classes.guess : undefined}>
        {title}
      </Text>
      <List size="sm" spacing={2}>
        {items.map((item) => (
          <List.Item key={item} className="wrap-anywhere">
            {item}
          </List.Item>
        ))}
      </List>
    </div>
  );
}
