import { ActionIcon, Menu, Text, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconKey, IconLogout, IconMoon, IconSun, IconUser } from "@tabler/icons-react";
import { Link } from "react-router";
import type { CallerView } from "@/lib/api/schema";
import { signOut } from "@/lib/session";
import { toldProblem } from "@/lib/told";

export function AccountMenu({ caller }: { caller: CallerView }) {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  const dark = scheme === "dark";
  return (
    <Menu position="bottom-end" withinPortal width={260}>
      <Menu.Target>
        <ActionIcon variant="default" size={36} aria-label="Account">
          <IconUser size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} className="wrap-anywhere">
            {caller.display ?? caller.id}
          </Text>
          <Text size="xs" className="wrap-anywhere">
            {whatOf(caller)}
          </Text>
        </Menu.Label>
        <Menu.Item
          leftSection={dark ? <IconSun size={16} /> : <IconMoon size={16} />}
          onClick={() => setColorScheme(dark ? "light" : "dark")}
        >
          {dark ? "Light colours" : "Dark colours"}
        </Menu.Item>
        {caller.kind === "user" && <Own />}
      </Menu.Dropdown>
    </Menu>
  );
}

/** What only a person has. */
function Own() {
  return (
    <>
      <Menu.Item component={Link} to="/settings/account" leftSection={<IconKey size={16} />}>
        Your account
      </Menu.Item>
      <Menu.Item component="a" href="/device" leftSection={<IconDeviceDesktop size={16} />}>
        Sign in a device
      </Menu.Item>
      <Menu.Divider />
      <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut().catch(toldProblem)}>
        Sign out
      </Menu.Item>
    </>
  );
}

function whatOf(caller: CallerView): string {
  if (caller.kind === "local") return "This server asks nobody to sign in";
  const roles = caller.roles.join(", ") || "no role";
  return `${caller.administrator ? "administrator" : roles} in ${caller.project}`;
}
