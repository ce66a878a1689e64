import { ActionIcon, Menu, PasswordInput, Text } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";
import type { AccountChange, AccountView } from "@/lib/api/schema";
import { useCaller } from "@/lib/permissions";
import { FormDialog } from "@/components/acting";

type What = "password" | "disable" | "enable" | "promote" | "demote";

interface Step {
  item: string;
  title: string;
  about: string;
  change: AccountChange;
}

const STEPS: Record<Exclude<What, "password">, Step> = {
  disable: {
    item: "Disable",
    title: "Disable this account?",
    about: "Its sign-ins and its keys end at once. What it has done stays, and it can be enabled again.",
    change: { disabled: true },
  },
  enable: {
    item: "Enable",
    title: "Enable this account?",
    about: "It may sign in again, with the roles that it holds.",
    change: { disabled: false },
  },
  promote: {
    item: "Make administrator",
    title: "Make this account an administrator?",
    about: "It may do everything, in every project.",
    change: { administrator: true },
  },
  demote: {
    item: "Make no administrator",
    title: "Make this account no administrator any more?",
    about: "It may do what its roles allow, and nothing else.",
    change: { administrator: false },
  },
};

export function AccountActions({ account }: { account: AccountView }) {
  const caller = useCaller();
  const [what, setWhat] = useState<What | null>(null);
  const offered: Exclude<What, "password">[] = [
    account.administrator ? "demote" : "promote",
    account.disabled_at === null ? "disable" : "enable",
  ];
  // Who takes their own way in is out: another administrator does that.
  const own = account.id === caller.id;
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" aria-label={`Change ${account.name}`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setWhat("password")}>New password</Menu.Item>
          {!own &&
            offered.map((each) => (
              <Menu.Item
                key={each}
                color={each === "disable" ? "red" : undefined}
                onClick={() => setWhat(each)}
              >
                {STEPS[each].item}
              </Menu.Item>
            ))}
        </Menu.Dropdown>
      </Menu>
      {what === "password" && <Password account={account} onClose={() => setWhat(null)} />}
      {what !== null && what !== "password" && (
        <Step account={account} step={STEPS[what]} onClose={() => setWhat(null)} />
      )}
    </>
  );
}

interface DialogProps {
  account: AccountView;
  onClose: () => void;
}

function Step({ account, step, onClose }: DialogProps & { step: Step }) {
  return (
    <FormDialog
      title={step.title}
      opened
      onClose={onClose}
      submit={step.item}
      done={`${account.name}: done.`}
      work={async () => {
        await api.PATCH("/api/v1/accounts/{name}", {
          params: { path: { name: account.name } },
          body: step.change,
        });
        changed("/api/v1/accounts");
      }}
    >
      <Text size="sm" fw={600}>
        {account.name}
      </Text>
      <Text size="sm">{step.about}</Text>
    </FormDialog>
  );
}

function Password({ account, onClose }: DialogProps) {
  const [password, setPassword] = useState("");
  return (
    <FormDialog
      title={`New password for ${account.name}`}
      opened
      onClose={onClose}
      submit="Set it"
      done={`${account.name} has a new password.`}
      work={async () => {
        await api.PUT("/api/v1/accounts/{name}/password", {
          params: { path: { name: account.name } },
          body: { password },
        });
        changed("/api/v1/accounts");
      }}
    >
      <PasswordInput
        label="Password"
        description="Twelve characters or more. Every sign-in of the account ends."
        autoComplete="new-password"
        required
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        data-autofocus
      />
    </FormDialog>
  );
}
