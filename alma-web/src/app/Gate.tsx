import { Box, Button, Center, FocusTrap, Loader, Stack } from "@mantine/core";
import { Fragment, type ReactNode } from "react";
import { Empty } from "@/components/states";
import { SignIn } from "@/features/signing-in/SignIn";
import type { Problem } from "@/lib/api/problem";
import type { CallerView } from "@/lib/api/schema";
import { begin, type Session, shownTo, signOut, useSession } from "@/lib/session";
import { toldProblem } from "@/lib/told";
import { Alone, Unreachable } from "./Unreachable";

/** Nothing is shown before it is known to whom. */
export function Gate({ children }: { children: ReactNode }) {
  const session = useSession();
  const caller = shownTo(session);
  if (caller !== null) {
    const out = session.state === "out";
    return (
      <Fragment key={`${caller.id} ${caller.project}`}>
        {/* What somebody was at stays as it is until they are back: out of sight, and out of reach. */}
        <Box inert={out} style={out ? { visibility: "hidden" } : undefined}>
          {mayNothing(caller) ? <NoRole caller={caller} /> : children}
        </Box>
        {out && <Again session={session} />}
      </Fragment>
    );
  }
  switch (session.state) {
    case "out":
      return <SignIn why={session.why} />;
    case "unreachable":
      return <NobodyKnown problem={session.problem} />;
    default:
      return (
        <Center mih="100vh">
          <Loader aria-label="Loading" />
        </Center>
      );
  }
}

function mayNothing({ administrator, permissions }: CallerView): boolean {
  return !administrator && permissions.length === 0;
}

/** Somebody new, until they are given a role. */
function NoRole({ caller }: { caller: CallerView }) {
  return (
    <Alone>
      <Stack maw={520}>
        <Empty
          title="You may do nothing here yet"
          action={
            <>
              <Button onClick={() => void begin()}>Look again</Button>
              <Button variant="default" onClick={() => void signOut().catch(toldProblem)}>
                Sign out
              </Button>
            </>
          }
        >
          You are signed in as {caller.display ?? caller.id}, and hold no role in a project. Whoever
          administers one gives you a role under Settings, Members.
        </Empty>
      </Stack>
    </Alone>
  );
}

function Again({ session }: { session: Session & { state: "out" } }) {
  return (
    <FocusTrap active>
      <Box
        role="dialog"
        aria-modal
        aria-label="Sign in again"
        pos="fixed"
        inset={0}
        bg="var(--mantine-color-body)"
        style={{ zIndex: 1000, overflow: "auto" }}
      >
        <SignIn why={session.why} again={session.was} />
      </Box>
    </FocusTrap>
  );
}

/** The server is away, or it knows who one is and lets that one do nothing. */
function NobodyKnown({ problem }: { problem: Problem }) {
  return (
    <Alone>
      <Unreachable problem={problem} again={look}>
        {(problem.status === 403 || problem.status === 404) && (
          <Button variant="default" onClick={() => void signOut().catch(toldProblem)}>
            Sign out
          </Button>
        )}
      </Unreachable>
    </Alone>
  );
}

function look(): void {
  void begin();
}
