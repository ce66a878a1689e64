/** Measurements: pasted, or from a file; CSV or JSON. */
import { Button, FileButton, Group, Text, Textarea } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { count } from "@/lib/format";
import { metricsOf, seriesOf } from "@/lib/series";

interface SeriesFieldProps {
  id?: string;
  label: string;
  description?: string;
  required?: boolean;
  error?: string;
  text: string;
  onChange: (text: string) => void;
}

const PLACEHOLDER = "time,cpu_usage,disk_usage\n2026-10-01,41.5,52.0\n2026-10-02,42.1,52.6";

export function SeriesField({ text, onChange, error, label, ...rest }: SeriesFieldProps) {
  const { told, fault } = readingOf(text);
  return (
    <div>
      <Textarea
        {...rest}
        label={label}
        placeholder={PLACEHOLDER}
        value={text}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
        autosize
        minRows={5}
        maxRows={12}
        spellCheck={false}
        error={error ?? fault}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } }}
      />
      <Group gap="sm" mt={4}>
        <FileButton
          accept=".csv,.json,.txt,text/csv,application/json"
          onChange={(file) => void file?.text().then(onChange)}
        >
          {(props) => (
            <Button {...props} variant="subtle" size="compact-xs" leftSection={<IconUpload size={14} />}>
              CSV or JSON from a file
            </Button>
          )}
        </FileButton>
        {told !== null && (
          <Text size="xs" c="dimmed" role="status" className="wrap-anywhere">
            {told}
          </Text>
        )}
      </Group>
    </div>
  );
}

function readingOf(text: string): { told: string | null; fault: string | null } {
  if (text.trim() === "") return { told: null, fault: null };
  try {
    const moments = seriesOf(text);
    return {
      told: `${count(moments.length, "moment")} of ${metricsOf(moments).join(", ") || "nothing"}`,
      fault: null,
    };
  } catch (error) {
    return { told: null, fault: error instanceof Error ? error.message : "This can't be read." };
  }
}
