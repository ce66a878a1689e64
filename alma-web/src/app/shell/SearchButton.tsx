import { ActionIcon, Tooltip } from "@mantine/core";
import { spotlight } from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";

export function SearchButton() {
  return (
    <Tooltip label="Go anywhere (Ctrl + K)">
      <ActionIcon variant="default" size="lg" aria-label="Search pages and commands" onClick={spotlight.open}>
        <IconSearch size={18} />
      </ActionIcon>
    </Tooltip>
  );
}
