import { NavLink, Stack, Text } from "@mantine/core";
import { Link, useLocation } from "react-router";
import { mayOf, useCaller } from "@/lib/permissions";
import { GROUPS, PAGES, type PageEntry } from "../pages";
import classes from "./Navigation.module.css";

export function Navigation() {
  const caller = useCaller();
  const { pathname } = useLocation();
  const open = PAGES.filter(({ needs }) => needs === null || mayOf(caller, needs));
  return (
    <Stack gap="md">
      {GROUPS.map((group) => {
        const pages = open.filter((page) => page.group === group);
        return (
          pages.length > 0 && (
            <div key={group}>
              {group !== "" && (
                <Text component="h2" className={classes.group}>
                  {group}
                </Text>
              )}
              {pages.map((page) => (
                <Entry key={page.path} page={page} here={isAt(pathname, page.path)} />
              ))}
            </div>
          )
        );
      })}
    </Stack>
  );
}

function Entry({ page, here }: { page: PageEntry; here: boolean }) {
  const { path, title, icon: Icon } = page;
  return (
    <NavLink
      component={Link}
      to={path}
      label={title}
      leftSection={<Icon size={18} stroke={1.6} aria-hidden />}
      active={here}
      aria-current={here ? "page" : undefined}
      classNames={{ root: classes.entry, label: classes.label }}
    />
  );
}

function isAt(pathname: string, path: string): boolean {
  if (path === "/") return pathname === "/" || pathname.startsWith("/conversations/");
  return pathname === path || pathname.startsWith(`${path}/`);
}
