import { Alert, List, Text } from "@mantine/core";
import { IconLock, IconUserX } from "@tabler/icons-react";
import type { Obstacle } from "./decisions";

/** Why it can't be approved, and what helps. */
export function Obstacles({ obstacles }: { obstacles: readonly Obstacle[] }) {
  return obstacles.map(({ of, what, why, help }) => (
    <Alert
      role="note"
      key={what}
      title={what}
      color={of === "all" ? "red" : "yellow"}
      icon={of === "all" ? <IconLock aria-hidden /> : <IconUserX aria-hidden />}
      className="wrap-anywhere"
    >
      {why.length === 1 && <Text size="sm">{why[0]}</Text>}
      {why.length > 1 && (
        <List size="sm">
          {why.map((reason) => (
            <List.Item key={reason}>{reason}</List.Item>
          ))}
        </List>
      )}
      {help !== "" && <Text size="sm">{help}</Text>}
    </Alert>
  ));
}
