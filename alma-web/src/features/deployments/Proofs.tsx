/** What was asked of what was made, and where it can be reached. */
import { Anchor, Badge, Code, CopyButton, Button, Group, Stack, Text, Title } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { CheckTable } from "@/components/CheckTable";
import type { Check, DeploymentView } from "@/lib/api/schema";
import { count } from "@/lib/format";
import { isOpenable } from "./run";

export function Checks({ checks }: { checks: readonly Check[] }) {
  if (checks.length === 0) return null;
  const failed = checks.filter(({ passed }) => !passed);
  return (
    <Stack gap="xs">
      <Group gap="sm">
        <Title order={2} size="h4">
          Checks
        </Title>
        {failed.length === 0 ? (
          <Badge color="green" variant="light" autoContrast>
            all passed
          </Badge>
        ) : (
          <Badge color="red" variant="light" autoContrast>
            {count(failed.length, "failure")}
          </Badge>
        )}
      </Group>
      <CheckTable checks={checks} />
    </Stack>
  );
}

export function Endpoints({ endpoints }: { endpoints: DeploymentView["endpoints"] }) {
  const all = Object.entries(endpoints).filter(([, found]) => found.length > 0);
  if (all.length === 0) return null;
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        Endpoints
      </Title>
      {all.map(([address, found]) => (
        <Group key={address} gap="sm" className="wrap-anywhere">
          <Text fw={600} size="sm">
            {address}
          </Text>
          {found.map((endpoint) => (
            <Endpoint key={endpoint} endpoint={endpoint} />
          ))}
        </Group>
      ))}
    </Stack>
  );
}

/** Only web addresses are links: whatever else an engine says is text, to be copied. */
function Endpoint({ endpoint }: { endpoint: string }) {
  if (isOpenable(endpoint)) {
    return (
      <Anchor href={endpoint} target="_blank" rel="noopener noreferrer" size="sm">
        {endpoint} <IconExternalLink size={14} aria-label="opens in a new tab" />
      </Anchor>
    );
  }
  return (
    <Group gap={4}>
      <Code>{endpoint}</Code>
      <CopyButton value={endpoint}>
        {({ copied, copy }) => (
          <Button size="compact-xs" variant="subtle" onClick={copy} aria-label={`Copy ${endpoint}`}>
            {copied ? "copied" : "copy"}
          </Button>
        )}
      </CopyButton>
    </Group>
  );
}
