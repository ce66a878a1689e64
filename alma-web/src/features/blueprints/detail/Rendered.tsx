import { Code, List, Modal, Stack, Text } from "@mantine/core";
import type { RenderingView } from "@/lib/api/schema";

/** What another tool's file does not hold, and what is left to do: said once the file is taken along. */
export function Rendered({ made, onClose }: { made: RenderingView; onClose: () => void }) {
  const left = made.notes.filter((note) => note.code === "left_to_you");
  const others = made.notes.filter((note) => note.code !== "left_to_you");
  return (
    <Modal opened onClose={onClose} title="What to know about the file" size="lg">
      <Stack className="wrap-anywhere">
        {left.length > 0 && <Notes title="Left to you" notes={left} />}
        {others.length > 0 && <Notes title="Not in it, or in another way" notes={others} />}
        <Text size="sm">
          <code>alma render</code> writes the same files, also those of several.
        </Text>
      </Stack>
    </Modal>
  );
}

function Notes({ title, notes }: { title: string; notes: RenderingView["notes"] }) {
  return (
    <section aria-label={title}>
      <Text fw={600}>{title}</Text>
      <List size="sm" spacing="xs">
        {notes.map((note) => (
          <List.Item key={`${note.path ?? ""} ${note.message}`}>
            <Code>{note.path}</Code> {note.message}
            {note.hint !== null && note.hint !== undefined && <Text size="sm">{note.hint}</Text>}
          </List.Item>
        ))}
      </List>
    </section>
  );
}
