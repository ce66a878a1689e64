import { Anchor, Button, Group, List, Paper, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { ProblemAlert } from "@/components/states";
import { $api, api } from "@/lib/api/client";
import type { CallerView } from "@/lib/api/schema";
import { useCaller } from "@/lib/permissions";
import { left, signOut } from "@/lib/session";
import { Asking, useActing } from "@/components/acting";
import { useSaid } from "../saying";

export default function AccountSection() {
  const caller = useCaller();
  const account = $api.useQuery("get", "/api/v1/accounts/{name}", {
    params: { path: { name: caller.id.replace(/^user:/, "") } },
  });
  return (
    <Stack gap="lg">
      <Roles caller={caller} />
      {account.data?.has_password === true && <Password />}
      <Paper withBorder p="md" component="section" aria-label="Where you are signed in">
        <Title order={2} size="h4" mb="xs">
          Where you are signed in
        </Title>
        <Text size="sm" mb="sm">
          Lost a device, or used a strange one? End every sign-in of yours, this one too. Your keys stay.
        </Text>
        <Group>
          <Asking
            label="Sign out everywhere"
            title="Sign out everywhere?"
            confirm="Sign out everywhere"
            size="sm"
            work={() => signOut({ everywhere: true })}
          >
            <Text size="sm">Every browser and terminal has to sign in again.</Text>
          </Asking>
          <Anchor href="/device" size="sm">
            Sign in a device that shows a code
          </Anchor>
        </Group>
      </Paper>
    </Stack>
  );
}

function Roles({ caller }: { caller: CallerView }) {
  return (
    <Paper withBorder p="md" component="section" aria-label="What you may do">
      <Title order={2} size="h4" className="wrap-anywhere">
        {caller.display ?? caller.id}
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        {caller.id}
      </Text>
      {caller.projects === null ? (
        <Text size="sm">You administer the installation: everything, in every project.</Text>
      ) : (
        <List size="sm" className="wrap-anywhere">
          {Object.entries(caller.projects).map(([project, roles]) => (
            <List.Item key={project}>
              {project}: {roles.join(", ")}
            </List.Item>
          ))}
        </List>
      )}
    </Paper>
  );
}

const EMPTY = { old: "", next: "", again: "" };

function Password() {
  const { said, writes } = useSaid(EMPTY);
  const { busy, problem, act } = useActing();
  const differs = said.again !== "" && said.again !== said.next;
  async function save() {
    const fine = await act(() =>
      api.POST("/api/v1/auth/password", { body: { old_password: said.old, new_password: said.next } }),
    );
    if (fine) left("Your password is changed. Sign in with the new one.");
  }
  return (
    <Paper withBorder p="md" component="section" aria-label="Password">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!differs) void save();
        }}
      >
        <Stack maw={420}>
          <Title order={2} size="h4">
            Password
          </Title>
          <PasswordInput label="Old password" autoComplete="current-password" required {...writes("old")} />
          <PasswordInput
            label="New password"
            description="Twelve characters or more"
            autoComplete="new-password"
            required
            {...writes("next")}
          />
          <PasswordInput
            label="New password, once more"
            autoComplete="new-password"
            required
            {...writes("again")}
            error={differs ? "This is not the same" : undefined}
          />
          {problem !== null && <ProblemAlert problem={problem} />}
          <Text size="sm" c="dimmed">
            Every sign-in of yours ends, this one too.
          </Text>
          <Button type="submit" loading={busy} w="fit-content">
            Change the password
          </Button>
        </Stack>
      </form>
    </Paper>
  );
}
