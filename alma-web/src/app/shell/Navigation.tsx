import { NavLink } from "@mantine/core";
import { Link, useLocation } from "react-router";
import { mayOf, useCaller } from "@/lib/permissions";
import { PAGES } from "../pages";

export function Navigation() {
  const caller = useCaller();
  const { pathname } = useLocation();
  return PAGES.filter(({ needs }) => needs === null || mayOf(caller, needs)).map(
    ({ path, title, icon: Icon }) => {
      const here = isAt(pathname, path);
      return (
        <NavLink
          key={path}
          component={Link}
          to={path}
          label={title}
          leftSection={<Icon size={18} aria-hidden />}
          active={here}
          aria-current={here ? "page" : undefined}
        />
      );
    },
  );
}

function isAt(pathname: string, path: string): boolean {
  if (path === "/") return pathname === "/" || pathname.startsWith("/conversations/");
  return pathname === path || pathname.startsWith(`${path}/`);
}
