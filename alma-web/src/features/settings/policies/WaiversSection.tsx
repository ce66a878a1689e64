import { Button, Group, Stack, Switch, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "@/components/Link";
import { Listing } from "@/components/Listing";
import { Empty, Loaded } from "@/components/states";
import { StateBadge } from "@/components/StateBadge";
import { $api, api } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";
import type { Waiver } from "@/lib/api/schema";
import { useMay } from "@/lib/permissions";
import { Asking } from "@/components/acting";
import { useSome } from "../lists";
import { NewWaiver } from "./NewWaiver";
import { type Standing, standingOf } from "./standing";

const COLORS: Record<Standing, string> = {
  revoked: "gray",
  over: "gray",
  "ends soon": "yellow",
  holds: "green",
};

export default function WaiversSection() {
  const [past, setPast] = useState(false);
  const query = $api.useQuery("get", "/api/v1/policies/waivers", { params: { query: { past } } });
  const [opened, { open, close }] = useDisclosure();
  const may = useMay("policy:waive");
  const create = may && (
    <Button leftSection={<IconPlus size={16} />} onClick={open}>
      Answer for a broken rule
    </Button>
  );
  return (
    <Stack>
      <Group justify="space-between">
        <div>{(query.data?.items.length ?? 0) > 0 && create}</div>
        <Switch
          label="Also those that are over"
          checked={past}
          onChange={(event) => setPast(event.currentTarget.checked)}
        />
      </Group>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="Nobody answers for a broken rule" action={create}>
              Where a rule can&apos;t be kept for a while, somebody who may answers for it with a reason and a
              last day. Until then it is shown as waived and blocks nothing.
            </Empty>
          ) : (
            <Waivers waivers={items} may={may} />
          )
        }
      </Loaded>
      {opened && <NewWaiver onClose={close} />}
    </Stack>
  );
}

function Waivers({ waivers, may }: { waivers: readonly Waiver[]; may: boolean }) {
  const [now] = useState(() => Date.now());
  return (
    <Listing
      label="Waivers"
      keyOf={({ id }) => id ?? ""}
      columns={[
        {
          title: "Rule",
          cell: ({ rule }) => (
            <Link to={`/settings/policies?rule=${encodeURIComponent(rule)}`} size="sm" fw={600}>
              {rule}
            </Link>
          ),
        },
        {
          title: "Where",
          cell: ({ resource, blueprint }) => (
            <Text size="sm">
              {resource === "*" ? "every resource" : resource} of {blueprint ?? "every blueprint"}
            </Text>
          ),
        },
        {
          title: "Reason",
          cell: ({ reason, by }) => (
            <>
              <Text size="sm">{reason}</Text>
              <Text size="xs" c="dimmed">
                {by}
              </Text>
            </>
          ),
        },
        { title: "Last day", cell: (waiver) => <LastDay waiver={waiver} now={now} /> },
        {
          title: "",
          right: true,
          cell: (waiver) =>
            may && !["revoked", "over"].includes(standingOf(waiver, now)) && <Revoke waiver={waiver} />,
        },
      ]}
      {...useSome(waivers)}
    />
  );
}

function LastDay({ waiver, now }: { waiver: Waiver; now: number }) {
  const standing = standingOf(waiver, now);
  return (
    <Stack gap={4} align="flex-start">
      <Text size="sm" style={{ whiteSpace: "nowrap" }}>
        {waiver.expires}
      </Text>
      <StateBadge state={standing} color={COLORS[standing]} />
    </Stack>
  );
}

function Revoke({ waiver }: { waiver: Waiver }) {
  return (
    <Asking
      label="Take back"
      named={waiver.rule}
      title={`Take the waiver for ${waiver.rule} back?`}
      confirm="Take it back"
      done="The rule counts again."
      work={async () => {
        await api.DELETE("/api/v1/policies/waivers/{waiver_id}", {
          params: { path: { waiver_id: waiver.id ?? "" } },
        });
        changed("/api/v1/policies", "/api/v1/iprs");
      }}
    >
      <Text size="sm">The rule counts again from now on. That there was a waiver stays known.</Text>
    </Asking>
  );
}
