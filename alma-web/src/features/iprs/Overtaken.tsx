import { Alert, Button, List, Stack } from "@mantine/core";
import type { IprView } from "@/lib/api/schema";
import { Differences } from "./Differences";
import { newsSince } from "./decisions";

/** Tells what somebody else did meanwhile. Nothing is decided before it was seen. */
export function Overtaken({
  before,
  after,
  onLook,
}: {
  before: IprView;
  after: IprView;
  onLook: () => void;
}) {
  return (
    <Alert color="yellow" title="This request changed while you looked at it" role="alert">
      <Stack gap="xs" align="flex-start">
        <List size="sm">
          {newsSince(before, after).map((line) => (
            <List.Item key={line}>{line}</List.Item>
          ))}
        </List>
        {before.plan_digest !== after.plan_digest && <Differences before={before.plan} after={after.plan} />}
        <Button size="xs" color="dark" variant="outline" onClick={onLook}>
          I have seen it
        </Button>
      </Stack>
    </Alert>
  );
}
