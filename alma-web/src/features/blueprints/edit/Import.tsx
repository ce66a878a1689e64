/** Brings a file: a blueprint as it is, or something of another tool's, with what became of each of its objects. */
import {
  Alert,
  Button,
  FileButton,
  Group,
  Modal,
  Paper,
  ScrollArea,
  Select,
  Stack,
  Table,
  Text,
} from "@mantine/core";
import { IconFileImport } from "@tabler/icons-react";
import { type DragEvent, useState } from "react";
import { ProblemAlert } from "@/components/states";
import { StateBadge } from "@/components/StateBadge";
import { Problem } from "@/lib/api/problem";
import type { ConversionView } from "@/lib/api/schema";
import { count, words } from "@/lib/format";
import { converted } from "../calls";
import { FORMS, isBlueprint, LARGEST } from "./sources";

interface ImportProps {
  onClose: () => void;
  /** What is to be edited then. */
  take: (text: string) => void;
}

async function read(file: File, form: string): Promise<ConversionView | string> {
  if (file.size > LARGEST)
    throw new Problem("The file is too large", {
      status: 1,
      code: "too_large",
      hint: "At most 4 MB are taken.",
    });
  const text = await file.text();
  if (form === "blueprint" || (form === "auto" && isBlueprint(text))) return text;
  return converted(text, form, "");
}

export default function Import({ onClose, take }: ImportProps) {
  const [form, setForm] = useState<string>("auto");
  const [over, setOver] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const [made, setMade] = useState<ConversionView | null>(null);
  async function bring(file: File | null | undefined) {
    if (!file) return;
    setBusy(true);
    setProblem(null);
    setMade(null);
    try {
      const found = await read(file, form);
      if (typeof found === "string") take(found);
      else setMade(found);
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }
  function drop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    void bring(event.dataTransfer.files[0]);
  }
  return (
    <Modal opened closeButtonProps={{ "aria-label": "Close" }} onClose={onClose} title="Import" size="xl">
      <Stack>
        <Select
          label="What the file is"
          data={FORMS}
          value={form}
          onChange={(next) => setForm(next ?? "auto")}
          allowDeselect={false}
          maw={320}
        />
        <Paper
          withBorder
          p="xl"
          ta="center"
          style={{ borderStyle: "dashed", borderColor: over ? "var(--mantine-color-alma-6)" : undefined }}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
          aria-label="Drop a file here"
          role="group"
        >
          <Stack align="center" gap="xs">
            <IconFileImport size={28} aria-hidden />
            <Text>Drop a blueprint, a compose file, Kubernetes manifests or a Terraform state here</Text>
            <FileButton onChange={(file) => void bring(file)} inputProps={{ "aria-label": "File to import" }}>
              {(props) => (
                <Button {...props} variant="default" loading={busy}>
                  Choose a file
                </Button>
              )}
            </FileButton>
          </Stack>
        </Paper>
        {problem !== null && <ProblemAlert problem={problem} />}
        {made !== null && <Outcome made={made} take={take} />}
      </Stack>
    </Modal>
  );
}

function Outcome({ made, take }: { made: ConversionView; take: (text: string) => void }) {
  return (
    <Stack gap="sm">
      <Text>
        {count(made.objects.length, "object")} of a {words(made.form)} description:
      </Text>
      <ScrollArea.Autosize mah={280}>
        <Table aria-label="What became of each object">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Object</Table.Th>
              <Table.Th>Became</Table.Th>
              <Table.Th>Why</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {made.objects.map(({ address, fate, resources = [], reason }) => (
              <Table.Tr key={address}>
                <Table.Td className="wrap-anywhere">{address}</Table.Td>
                <Table.Td className="wrap-anywhere">
                  <StateBadge
                    state={fate}
                    color={{ mapped: "green", folded: "blue", left_out: "orange" }[fate]}
                  />{" "}
                  {resources.join(", ")}
                </Table.Td>
                <Table.Td className="wrap-anywhere">{reason}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea.Autosize>
      {made.remarks.length > 0 && (
        <Alert color="yellow" title={count(made.remarks.length, "remark")} className="wrap-anywhere">
          <ScrollArea.Autosize mah={160}>
            {made.remarks.map(({ path, message }) => (
              <Text size="sm" key={`${path ?? ""} ${message}`}>
                {path}: {message}
              </Text>
            ))}
          </ScrollArea.Autosize>
        </Alert>
      )}
      <Group justify="flex-end">
        <Button onClick={() => take(made.yaml)}>Edit the blueprint</Button>
      </Group>
    </Stack>
  );
}
