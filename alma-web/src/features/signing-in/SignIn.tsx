import {
  Alert,
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
import { signIn } from "@/lib/session";

/** The way in: by password, or by the organisation's own. */
export function SignIn({ why }: { why: string | null }) {
  useDocumentTitle("Sign in · ALMA");
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const said = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(null);
    try {
      await signIn(field(said, "username"), field(said, "password"));
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  }
  return (
    <Center mih="100vh" p="md" component="main">
      <Paper withBorder p="xl" w="100%" maw={400}>
        <Stack>
          <Title order={1} size="h2">
            Sign in to ALMA
          </Title>
          {why !== null && <Alert role="status">{why}</Alert>}
          {problem !== null && <ProblemAlert problem={problem} />}
          <form onSubmit={(event) => void submit(event)}>
            <Stack>
              <TextInput label="Name" name="username" autoComplete="username" required autoFocus />
              <PasswordInput label="Password" name="password" autoComplete="current-password" required />
              <Button type="submit" loading={busy}>
                Sign in
              </Button>
            </Stack>
          </form>
          <Providers />
          <Text size="sm" c="dimmed">
            No account yet? Whoever administers this server makes one, with <code>alma users create</code>.
          </Text>
        </Stack>
      </Paper>
    </Center>
  );
}

function field(said: FormData, name: string): string {
  const value = said.get(name);
  return typeof value === "string" ? value : "";
}

function Providers() {
  const { data } = $api.useQuery("get", "/api/v1/auth/providers");
  if (data === undefined || data.providers.length === 0) return null;
  const here = `${window.location.pathname}${window.location.search}`;
  return (
    <>
      <Divider label="or" />
      {data.providers.map(({ name, title, start }) => (
        <Button key={name} component="a" href={`${start}?next=${encodeURIComponent(here)}`} variant="default">
          {title}
        </Button>
      ))}
    </>
  );
}
