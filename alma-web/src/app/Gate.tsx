import { Button, Center, Loader, Stack } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { ProblemAlert } from "@/components/states";
import { SignIn } from "@/features/signing-in/SignIn";
import { begin, useSession } from "@/lib/session";

const AGAIN_MS = 5_000;

/** Nothing is shown before it is known to whom. */
export function Gate({ children }: { children: ReactNode }) {
  const session = useSession();
  const unreachable = session.state === "unreachable";
  useEffect(() => {
    if (!unreachable) return;
    const timer = setInterval(() => void begin(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [unreachable]);
  switch (session.state) {
    case "in":
      return children;
    case "out":
      return <SignIn why={session.why} />;
    case "unreachable":
      return (
        <Center mih="100vh" p="md">
          <Stack maw={480}>
            <ProblemAlert problem={session.problem} />
            <Button onClick={() => void begin()}>Try again</Button>
          </Stack>
        </Center>
      );
    case "unknown":
      return (
        <Center mih="100vh">
          <Loader aria-label="Loading" />
        </Center>
      );
  }
}
