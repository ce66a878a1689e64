import { Group, Text, UnstyledButton } from "@mantine/core";
import { Link } from "react-router";

/** The name, and the way back to the first page. */
export function Brand() {
  return (
    <UnstyledButton component={Link} to="/" aria-label="ALMA, first page">
      <Group gap={10} wrap="nowrap">
        <img src="/favicon.svg" alt="" width={26} height={26} />
        <Text fw={750} size="lg" lts="0.02em">
          ALMA
        </Text>
      </Group>
    </UnstyledButton>
  );
}
