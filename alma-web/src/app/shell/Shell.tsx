import { AppShell, Burger, Group, ScrollArea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type ComponentType, lazy, Suspense, useEffect } from "react";
import { Outlet, useLocation, useNavigation } from "react-router";
import { Waiting } from "@/components/states";
import { useCaller } from "@/lib/permissions";
import { AccountMenu } from "./AccountMenu";
import { Brand } from "./Brand";
import { LiveMark } from "./LiveMark";
import { Navigation } from "./Navigation";
import classes from "./Navigation.module.css";
import { ProjectSwitcher } from "./ProjectSwitcher";
import { SearchButton } from "./SearchButton";

// A page without it is a whole page: that it could not be fetched is no reason to show none.
const Palette = lazy<ComponentType>(() => import("./Palette").catch(() => ({ default: () => null })));

/** What is around every page. */
export function Shell() {
  const [opened, { toggle, close }] = useDisclosure();
  const { pathname } = useLocation();
  const { state } = useNavigation();
  const caller = useCaller();
  useEffect(close, [pathname, close]);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 216, breakpoint: "sm", collapsed: { mobile: !opened } }}
      padding="md"
    >
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap" gap="sm">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={opened ? "Close the navigation" : "Open the navigation"}
            />
            <Brand />
            <LiveMark />
          </Group>
          <Group gap="xs" wrap="nowrap">
            <SearchButton />
            <ProjectSwitcher />
            <AccountMenu caller={caller} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar
        p="sm"
        className={classes.bar}
        data-closed={!opened || undefined}
        component="nav"
        aria-label="Pages"
      >
        <AppShell.Section grow component={ScrollArea}>
          <Navigation />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main className="ground" aria-busy={state !== "idle"}>
        <Suspense fallback={<Waiting />}>
          <Outlet />
        </Suspense>
      </AppShell.Main>
      <Suspense>
        <Palette />
      </Suspense>
    </AppShell>
  );
}
