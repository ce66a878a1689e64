import { Anchor, type AnchorProps } from "@mantine/core";
import type { ReactNode } from "react";
import { Link as Inner } from "react-router";

/** A link to a page of the dashboard. */
export function Link({
  to,
  children,
  ...rest
}: AnchorProps & { to: string; onClick?: () => void; children: ReactNode }) {
  return (
    <Anchor component={Inner} to={to} {...rest}>
      {children}
    </Anchor>
  );
}
