import { ActionIcon, Button, Kbd } from "@mantine/core";
import { spotlight } from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";

const LABEL = "Go to a page or command";

/** Opens the command palette; where there is room, with its key. */
export function SearchButton() {
  return (
    <>
      <Button
        visibleFrom="sm"
        variant="default"
        w={240}
        justify="space-between"
        fw={400}
        c="dimmed"
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={<Kbd size="xs">Ctrl K</Kbd>}
        styles={{ label: { flex: 1, textAlign: "left" } }}
        aria-label={LABEL}
        onClick={spotlight.open}
      >
        Go to…
      </Button>
      <ActionIcon hiddenFrom="sm" variant="default" size={36} aria-label={LABEL} onClick={spotlight.open}>
        <IconSearch size={18} aria-hidden />
      </ActionIcon>
    </>
  );
}
