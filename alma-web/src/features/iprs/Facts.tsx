import { Group, Text } from "@mantine/core";
import { Link } from "@/components/Link";
import { StateBadge } from "@/components/StateBadge";
import { When } from "@/components/When";
import type { IprView } from "@/lib/api/schema";

/** Who asks for what, where, and where that stands. */
export function Facts({ ipr }: { ipr: IprView }) {
  const { status, kind, author, created_at, plan } = ipr;
  return (
    <Group gap="4px 14px" component="section" aria-label="Facts">
      <StateBadge state={status} />
      {kind === "destroy" && <StateBadge state="destroy" color="red" />}
      <Text size="sm" className="wrap-anywhere">
        {author} asks <When at={created_at} />
      </Text>
      <Text size="sm" className="wrap-anywhere">
        <Link to={`/blueprints/${plan.blueprint_id}`} size="sm" underline="always">
          {plan.blueprint_name}
        </Link>
        , revision {plan.revision}
      </Text>
      <Text size="sm" className="wrap-anywhere">
        on {plan.engine}, stack {plan.stack.name}
      </Text>
    </Group>
  );
}
