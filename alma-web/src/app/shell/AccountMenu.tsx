import { ActionIcon, Menu, Text, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { IconLogout, IconMoon, IconSun, IconUser } from "@tabler/icons-react";
import type { CallerView } from "@/lib/api/schema";
import { signOut } from "@/lib/session";
import { toldProblem } from "@/lib/told";

export function AccountMenu({ caller }: { caller: CallerView }) {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  const dark = scheme === "dark";
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="default" size="lg" aria-label="Account">
          <IconUser size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} className="wrap-anywhere">
            {caller.display ?? caller.id}
          </Text>
          <Text size="xs">{whatOf(caller)}</Text>
        </Menu.Label>
        <Menu.Item
          leftSection={dark ? <IconSun size={16} /> : <IconMoon size={16} />}
          onClick={() => setColorScheme(dark ? "light" : "dark")}
        >
          {dark ? "Light colours" : "Dark colours"}
        </Menu.Item>
        {caller.kind === "user" && (
          <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut().catch(toldProblem)}>
            Sign out
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function whatOf(caller: CallerView): string {
  if (caller.kind === "local") return "This server asks nobody to sign in";
  const roles = caller.roles.join(", ") || "no role";
  return `${caller.administrator ? "administrator" : roles} in ${caller.project}`;
}
