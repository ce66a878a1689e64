import { Badge, Group, Paper, Stack, Text, UnstyledButton } from "@mantine/core";
import type { Diagnostic } from "@/lib/api/schema";

interface ProblemsProps {
  diagnostics: readonly Diagnostic[];
  /** Leads to the place in the text. */
  go: (diagnostic: Diagnostic) => void;
}

const COLORS = { error: "red", warning: "yellow", info: "blue" } as const;
const AT_ONCE = 50;

/** Everything there is to say of the text, each a way to its place. */
export function Problems({ diagnostics, go }: ProblemsProps) {
  if (diagnostics.length === 0) return null;
  return (
    <Paper withBorder p="xs" component="section" aria-label="Remarks on the text">
      <Stack gap={4}>
        {diagnostics.slice(0, AT_ONCE).map((one) => (
          <UnstyledButton
            key={`${one.path ?? ""} ${one.code} ${one.message} ${one.line ?? 0}`}
            onClick={() => go(one)}
            p={4}
          >
            <Group gap="xs" wrap="nowrap" align="flex-start">
              <Badge
                color={COLORS[one.severity ?? "error"]}
                variant="light"
                autoContrast
                style={{ flexShrink: 0 }}
              >
                {one.severity ?? "error"}
              </Badge>
              <Text size="sm" className="wrap-anywhere">
                {one.line !== null && one.line !== undefined && (
                  <Text span c="dimmed" size="sm">
                    line {one.line}:{" "}
                  </Text>
                )}
                {one.message}
                {one.hint ? ` — ${one.hint}` : ""}{" "}
                <Text span c="dimmed" size="xs">
                  {one.path}
                </Text>
              </Text>
            </Group>
          </UnstyledButton>
        ))}
        {diagnostics.length > AT_ONCE && (
          <Text size="sm" c="dimmed">
            and {diagnostics.length - AT_ONCE} more
          </Text>
        )}
      </Stack>
    </Paper>
  );
}
