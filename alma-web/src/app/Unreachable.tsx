import { Button, Center, Stack } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { ProblemAlert } from "@/components/states";
import type { Problem } from "@/lib/api/problem";

const AGAIN_MS = 5_000;

interface UnreachableProps {
  problem: Problem;
  /** Asks again; is called by itself every few seconds, too. A stable function. */
  again: () => void;
  children?: ReactNode;
}

/** In place of what the server would have to be there for. */
export function Unreachable({ problem, again, children }: UnreachableProps) {
  useEffect(() => {
    const timer = setInterval(again, AGAIN_MS);
    return () => clearInterval(timer);
  }, [again]);
  return (
    <Stack maw={480}>
      <ProblemAlert problem={problem} byItself={problem.passing} />
      <Button onClick={again}>Try again</Button>
      {children}
    </Stack>
  );
}

/** For where there is nothing else on the screen. */
export function Alone({ children }: { children: ReactNode }) {
  return (
    <Center mih="100vh" p="md" component="main">
      {children}
    </Center>
  );
}
