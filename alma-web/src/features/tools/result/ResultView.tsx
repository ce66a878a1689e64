/** What a tool said: first in a sentence, then in full, then what it rests on. */
import { Accordion, Code, List, ScrollArea, Stack, Tabs, Text } from "@mantine/core";
import { IconBraces, IconReport } from "@tabler/icons-react";
import { useMemo } from "react";
import { type Answer, textIn, textsIn } from "@/lib/answer";
import { BlueprintPart } from "./BlueprintPart";
import { DocumentActions } from "./DocumentPart";
import { Section } from "./Section";
import { currencyOf, isBlueprint } from "./shape";
import { Parts } from "./Value";
import { VIEWS } from "./views";

/** A page that shows more than this of JSON is slow to read, and slow. */
const RAW = 200_000;

export function ResultView({ tool, answer, given }: { tool: string; answer: Answer; given: Answer }) {
  const raw = useMemo(() => JSON.stringify(answer, null, 2), [answer]);
  return (
    <Tabs defaultValue="answer" keepMounted={false}>
      <Tabs.List mb="sm">
        <Tabs.Tab value="answer" leftSection={<IconReport size={16} />}>
          Answer
        </Tabs.Tab>
        <Tabs.Tab value="json" leftSection={<IconBraces size={16} />}>
          JSON
        </Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="answer">
        <Read tool={tool} answer={answer} given={given} />
      </Tabs.Panel>
      <Tabs.Panel value="json">
        <Stack gap="xs">
          <DocumentActions name={tool} kind="json" text={raw} />
          <ScrollArea.Autosize
            mah={560}
            viewportProps={{ tabIndex: 0, role: "region", "aria-label": "The answer as JSON" }}
          >
            <Code block fz="xs">
              {raw.length > RAW ? `${raw.slice(0, RAW)}\n… the rest is in the download` : raw}
            </Code>
          </ScrollArea.Autosize>
        </Stack>
      </Tabs.Panel>
    </Tabs>
  );
}

const COMMON = ["summary", "sources", "assumptions", "blueprint"];

function Read({ tool, answer, given }: { tool: string; answer: Answer; given: Answer }) {
  const view = VIEWS[tool];
  const blueprint = answer.blueprint;
  const saved = typeof answer.blueprint_id === "number" ? answer.blueprint_id : null;
  const without = new Set([...COMMON, ...(view?.handled ?? [])]);
  return (
    <Stack gap="lg">
      <Text fw={500} className="wrap-anywhere" role="status">
        {textIn(answer, "summary")}
      </Text>
      {view?.show(answer, given)}
      {isBlueprint(blueprint) && (
        <Section title="Blueprint">
          <BlueprintPart blueprint={blueprint} saved={saved} />
        </Section>
      )}
      <Parts
        answer={answer}
        name={tool}
        around={{ parent: "", currency: currencyOf(answer) }}
        without={without}
      />
      <Grounds answer={answer} />
    </Stack>
  );
}

function Grounds({ answer }: { answer: Answer }) {
  const parts = [
    ["What was assumed", textsIn(answer, "assumptions")],
    ["What it rests on", textsIn(answer, "sources")],
  ] as const;
  const shown = parts.filter(([, texts]) => texts.length > 0);
  if (shown.length === 0) return null;
  return (
    <Accordion multiple variant="contained">
      {shown.map(([title, texts]) => (
        <Accordion.Item key={title} value={title}>
          <Accordion.Control>
            {title} ({texts.length})
          </Accordion.Control>
          <Accordion.Panel>
            <List size="sm" spacing={4} className="wrap-anywhere">
              {texts.map((text, index) => (
                <List.Item key={`${index} ${text}`}>{text}</List.Item>
              ))}
            </List>
          </Accordion.Panel>
        </Accordion.Item>
      ))}
    </Accordion>
  );
}
