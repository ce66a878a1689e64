import { Alert, PasswordInput, Switch, TextInput } from "@mantine/core";
import { api } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";
import { FormDialog } from "@/components/acting";
import { useSaid } from "../saying";

const EMPTY = { name: "", display: "", email: "", password: "", administrator: false };

/** `first`: from this account on, everybody has to sign in. */
export function NewAccount({ first, onClose }: { first: boolean; onClose: () => void }) {
  const { said, say, writes } = useSaid({ ...EMPTY, administrator: first });
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
        {...writes("name")}
        data-autofocus
      />
      <PasswordInput
        label="Password"
        description="Twelve characters or more. Without one, only a provider lets it in."
        autoComplete="new-password"
        {...writes("password")}
      />
      <TextInput label="Shown as" maxLength={200} {...writes("display")} />
      <TextInput label="Mail" type="email" maxLength={320} {...writes("email")} />
      <Switch
        label="Administers the installation"
        description="Everything, in every project"
        checked={said.administrator}
        onChange={(event) => say({ administrator: event.currentTarget.checked })}
      />
    </FormDialog>
  );
}
