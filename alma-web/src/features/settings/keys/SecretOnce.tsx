import { Alert, Button, Code, CopyButton, Group, Modal, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconCopy } from "@tabler/icons-react";
import type { NewKeyView } from "@/lib/api/schema";

/** The only time that a key is shown: no click beside it closes this. */
export function SecretOnce({ made, onClose }: { made: NewKeyView; onClose: () => void }) {
  return (
    <Modal
      opened
      onClose={onClose}
      title="Your new key"
      size="lg"
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      <Stack className="wrap-anywhere">
        <Alert color="yellow" icon={<IconAlertTriangle />} title="Keep it now">
          Nobody can show it again, ALMA neither. Whoever has it may do what {made.name} may.
        </Alert>
        <Code block aria-label="The key" data-testid="secret" style={{ whiteSpace: "pre-wrap" }}>
          {made.secret}
        </Code>
        <Text size="sm">
          Programs show it as <code>X-API-Key</code>, the command line as <code>ALMA_API_KEY</code>.
        </Text>
        <Group justify="space-between">
          <CopyButton value={made.secret}>
            {({ copied, copy }) => (
              <Button leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />} onClick={copy}>
                {copied ? "Copied" : "Copy"}
              </Button>
            )}
          </CopyButton>
          <Button variant="default" onClick={onClose}>
            I have kept it
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
