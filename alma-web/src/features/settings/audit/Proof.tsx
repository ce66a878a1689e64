import { Alert, Button, Code, Group, List, Stack, Text } from "@mantine/core";
import { IconDownload, IconShieldCheck } from "@tabler/icons-react";
import { useState } from "react";
import { ProblemAlert } from "@/components/states";
import { api, fetchOk } from "@/lib/api/client";
import type { AuditReport } from "@/lib/api/schema";
import { count } from "@/lib/format";
import { useActing } from "@/components/acting";

/** That nobody changed the log: asked for by hand, for it reads all of it. */
export function Proof() {
  const [report, setReport] = useState<AuditReport | null>(null);
  const verifying = useActing();
  const exporting = useActing();
  async function verify() {
    const { data } = await api.POST("/api/v1/audit/verify", { body: {} });
    setReport(data ?? null);
  }
  return (
    <Stack gap="sm">
      <Group>
        <Button
          variant="default"
          leftSection={<IconShieldCheck size={16} />}
          loading={verifying.busy}
          onClick={() => void verifying.act(verify)}
        >
          Check the whole log
        </Button>
        <Button
          variant="default"
          leftSection={<IconDownload size={16} />}
          loading={exporting.busy}
          onClick={() => void exporting.act(download)}
        >
          Export
        </Button>
      </Group>
      {verifying.problem !== null && <ProblemAlert problem={verifying.problem} />}
      {exporting.problem !== null && <ProblemAlert problem={exporting.problem} />}
      {report !== null && <Report report={report} />}
    </Stack>
  );
}

/** As the caller: a plain link would be nobody's. */
async function download(): Promise<void> {
  const answer = await fetchOk("/api/v1/audit/export");
  const address = URL.createObjectURL(await answer.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = "audit.jsonl";
  link.click();
  URL.revokeObjectURL(address);
}

function Report({
  report: { intact, entries, head, faults, more_faults = 0, kept_from },
}: {
  report: AuditReport;
}) {
  return (
    <Alert
      color={intact ? "green" : "red"}
      title={intact ? "The log is whole" : "The log was changed"}
      className="wrap-anywhere"
      role="status"
    >
      <Text size="sm">
        {count(entries, "entry", "entries")}
        {kept_from > 1 && `, from entry ${kept_from} on: what was before was let go`}. It ends with{" "}
        <Code>
          {head.seq}:{head.hash}
        </Code>
        ; kept elsewhere, that shows later whether anything up to it was changed.
      </Text>
      {faults.length > 0 && (
        <List size="sm" mt="xs">
          {faults.map(({ kind, seq, message }) => (
            <List.Item key={`${kind} ${seq}`}>
              Entry {seq}, {kind}: {message}
            </List.Item>
          ))}
          {more_faults > 0 && <List.Item>and {count(more_faults, "more fault")}</List.Item>}
        </List>
      )}
    </Alert>
  );
}
