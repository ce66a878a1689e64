import { Alert, PasswordInput, Switch, TextInput } from "@mantine/core";
import { useState } from "react";
import { api } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";
import { FormDialog } from "../acting";

const EMPTY = { name: "", display: "", email: "", password: "", administrator: false };

/** `first`: from this account on, everybody has to sign in. */
export function NewAccount({ first, onClose }: { first: boolean; onClose: () => void }) {
  const [said, setSaid] = useState({ ...EMPTY, administrator: first });
  const change = (part: Partial<typeof EMPTY>) => setSaid((before) => ({ ...before, ...part }));
  const orNull = (text: string) => (text.trim() === "" ? null : text.trim());
  return (
    <FormDialog
      title="New account"
      opened
      onClose={onClose}
      submit="Make the account"
      done={`${said.name} can sign in.`}
      work={async () => {
        await api.POST("/api/v1/accounts", {
          body: {
            name: said.name.trim(),
            password: said.password === "" ? null : said.password,
            display: orNull(said.display),
            email: orNull(said.email),
            administrator: said.administrator,
          },
        });
        changed("/api/v1/accounts");
      }}
    >
      {first && (
        <Alert color="yellow" title="From now on, everybody signs in">
          As soon as there is an account, ALMA asks for a sign-in: you, too. Make the first one an
          administrator, and keep its password.
        </Alert>
      )}
      <TextInput
        label="Name"
        description="To sign in with: small letters, digits and . _ @ + -"
        required
        maxLength={128}
        autoComplete="off"
        value={said.name}
        onChange={(event) => change({ name: event.currentTarget.value })}
        data-autofocus
      />
      <PasswordInput
        label="Password"
        description="Twelve characters or more. Without one, only a provider lets it in."
        autoComplete="new-password"
        value={said.password}
        onChange={(event) => change({ password: event.currentTarget.value })}
      />
      <TextInput
        label="Shown as"
        maxLength={200}
        value={said.display}
        onChange={(event) => change({ display: event.currentTarget.value })}
      />
      <TextInput
        label="Mail"
        type="email"
        maxLength={320}
        value={said.email}
        onChange={(event) => change({ email: event.currentTarget.value })}
      />
      <Switch
        label="Administers the installation"
        description="Everything, in every project"
        checked={said.administrator}
        onChange={(event) => change({ administrator: event.currentTarget.checked })}
      />
    </FormDialog>
  );
}
