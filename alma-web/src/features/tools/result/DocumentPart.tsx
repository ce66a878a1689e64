import { Button, Code, CopyButton, Group, ScrollArea, Stack } from "@mantine/core";
import { IconCopy, IconDownload } from "@tabler/icons-react";
import { downloaded } from "./download";

/** A text that is a document of its own: a runbook, a report, a file. Shown as text, whatever it is written in. */
export function DocumentPart({ name, text }: { name: string; text: string }) {
  const kind = kindOf(name, text);
  return (
    <Stack gap={6}>
      <DocumentActions name={name} kind={kind} text={text} />
      <ScrollArea.Autosize
        mah={320}
        type="auto"
        viewportProps={{ tabIndex: 0, role: "region", "aria-label": name }}
      >
        <Code block fz="xs">
          {text}
        </Code>
      </ScrollArea.Autosize>
    </Stack>
  );
}

export function DocumentActions({ name, kind, text }: { name: string; kind: string; text: string }) {
  return (
    <Group gap="xs">
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<IconCopy size={14} />}
            onClick={copy}
            aria-live="polite"
          >
            {copied ? "Copied" : "Copy"}
          </Button>
        )}
      </CopyButton>
      <Button
        size="compact-xs"
        variant="default"
        leftSection={<IconDownload size={14} />}
        onClick={() => downloaded(`${name}.${kind}`, text)}
      >
        Download .{kind}
      </Button>
    </Group>
  );
}

function kindOf(name: string, text: string): string {
  const start = text.trimStart().slice(0, 200).toLowerCase();
  if (name === "html" || start.startsWith("<!doctype html") || start.startsWith("<html")) return "html";
  if (start.startsWith("<svg")) return "svg";
  if (start.startsWith("{") || start.startsWith("[")) return "json";
  return start.startsWith("# ") || name === "markdown" ? "md" : "txt";
}
