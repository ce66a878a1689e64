/** Somebody saved another revision meanwhile. Both texts are shown, and nothing is overwritten. */
import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconGitMerge } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { YamlDiff } from "@/components/editor";
import { Loaded } from "@/components/states";
import type { Problem } from "@/lib/api/problem";
import { yamlOf } from "../calls";

interface ConflictProps {
  id: number;
  problem: Problem;
  mine: string;
  /** Goes on with a text, made on that revision. */
  settle: (text: string, base: number) => void;
}

export function Conflict({ id, problem, mine, settle }: ConflictProps) {
  const theirs = useQuery({ ...yamlOf(id), staleTime: 0 });
  return (
    <Alert color="orange" icon={<IconGitMerge />} title={problem.message} role="alert">
      <Loaded query={theirs}>
        {({ text, revision }) => (
          <Stack gap="sm">
            <Text size="sm">
              Nothing was saved. Below is revision {revision}, and how your text differs from it: red is only
              theirs, green only yours.
            </Text>
            <YamlDiff
              label={`Your text against revision ${revision}`}
              before={text}
              after={mine}
              height="40vh"
            />
            <Group gap="sm">
              <Button variant="default" onClick={() => settle(text, revision)}>
                Take theirs, drop mine
              </Button>
              <Button onClick={() => settle(mine, revision)}>
                Go on with mine, on top of revision {revision}
              </Button>
            </Group>
            <Text size="sm" c="dimmed">
              Neither saves yet. Revision {revision} stays readable in any case.
            </Text>
          </Stack>
        )}
      </Loaded>
    </Alert>
  );
}
