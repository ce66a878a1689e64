import {
  Alert,
  Anchor,
  Button,
  Center,
  Divider,
  Paper,
  PasswordInput,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { type SubmitEvent, useState } from "react";
import { ProblemAlert } from "@/components/states";
import { $api } from "@/lib/api/client";
import { asProblem, type Problem } from "@/lib/api/problem";
import type { CallerView } from "@/lib/api/schema";
import { left, signIn } from "@/lib/session";
import { useSecondsLeft } from "./useSecondsLeft";

interface SignInProps {
  why: string | null;
  /** Whose page waits behind this: the same person goes on where they were. */
  again?: CallerView | null;
}

/** The way in: by password, or by the organisation's own. The address stays, so one ends where one wanted to go. */
export function SignIn({ why, again = null }: SignInProps) {
  useDocumentTitle("Sign in · ALMA");
  return (
    <Center mih="100vh" p="md" component="main">
      <Paper withBorder p="xl" w="100%" maw={420}>
        <Stack>
          <Title order={1} size="h2">
            {again === null ? "Sign in to ALMA" : "Sign in again"}
          </Title>
          {why !== null && <Alert role="status">{why}</Alert>}
          {again !== null && <Text size="sm">What you were at is kept and goes on once you are in.</Text>}
          <ByPassword name={again === null ? "" : nameOf(again)} />
          <Providers apart={again !== null} />
          {again === null ? <NoAccount /> : <SomebodyElse />}
        </Stack>
      </Paper>
    </Center>
  );
}

function ByPassword({ name }: { name: string }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [wait, startWaiting] = useSecondsLeft();
  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const said = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(null);
    try {
      await signIn(field(said, "username"), field(said, "password"));
    } catch (error) {
      const told = asProblem(error);
      setProblem(told);
      if (told.retryAfter !== null) startWaiting(told.retryAfter);
    } finally {
      setBusy(false);
    }
  }
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack>
        {problem !== null && <ProblemAlert problem={problem} />}
        <TextInput
          label="Name"
          name="username"
          autoComplete="username"
          defaultValue={name}
          required
          autoFocus={name === ""}
        />
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          autoFocus={name !== ""}
        />
        <Button type="submit" loading={busy} disabled={wait > 0}>
          {wait > 0 ? `Wait ${wait} s` : "Sign in"}
        </Button>
      </Stack>
    </form>
  );
}

function field(said: FormData, name: string): string {
  const value = said.get(name);
  return typeof value === "string" ? value : "";
}

function nameOf(caller: CallerView): string {
  return caller.id.replace(/^user:/, "");
}

function NoAccount() {
  return (
    <Text size="sm" c="dimmed">
      No account yet? Whoever administers this server makes one, with <code>alma users create</code>.
    </Text>
  );
}

function SomebodyElse() {
  return (
    <Anchor component="button" type="button" size="sm" onClick={() => left(null)}>
      Leave what was open, and sign in as somebody else
    </Anchor>
  );
}

/** `apart`: in a page of its own, which tells this one, so that this one need not be left. */
function Providers({ apart }: { apart: boolean }) {
  const { data } = $api.useQuery("get", "/api/v1/auth/providers");
  if (data === undefined || data.providers.length === 0) return null;
  const here = `${window.location.pathname}${window.location.search}${window.location.hash}`;
  const next = encodeURIComponent(apart ? "/settings/account" : here);
  return (
    <>
      <Divider label="or" />
      {data.providers.map(({ name, title, start }) => (
        <Button
          key={name}
          component="a"
          href={`${start}?next=${next}`}
          target={apart ? "_blank" : undefined}
          rel={apart ? "noopener" : undefined}
          variant="default"
        >
          <Text inherit truncate>
            {title}
            {apart && " (opens another page)"}
          </Text>
        </Button>
      ))}
    </>
  );
}
