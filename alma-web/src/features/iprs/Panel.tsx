/** Beside everything: what it waits for, and what can be done. */
import { Button, Card, Divider, Stack, Text, Title } from "@mantine/core";
import { IconPencil, IconPlayerPlay, IconRefresh, IconTestPipe, IconTrash } from "@tabler/icons-react";
import { Link } from "@/components/Link";
import { useCaller } from "@/lib/permissions";
import { Approvals } from "./Approvals";
import { Decide } from "./Decide";
import { type Offer, offersFor } from "./decisions";
import type { Seen } from "./seen";

export type Dialog = "deploy" | "replan" | "words" | "withdraw";

interface PanelProps {
  seen: Seen;
  onOpen: (dialog: Dialog) => void;
}

/** What the panel is about, for whoever looks. */
export function headingOf(offers: ReadonlySet<Offer>): string {
  if (offers.has("deploy")) return "Ready to deploy";
  return offers.has("approve") || offers.has("reject") ? "Your decision" : "Where it stands";
}

export function Panel({ seen, onOpen }: PanelProps) {
  const offers = offersFor(seen.ipr, useCaller());
  return (
    <Card withBorder padding="md" component="aside" aria-label="Decision" style={{ overflow: "visible" }}>
      <Title order={2} size="h4" mb="sm">
        {headingOf(offers)}
      </Title>
      <Choices seen={seen} onOpen={onOpen} />
    </Card>
  );
}

export function Choices({ seen, onOpen }: PanelProps) {
  const { ipr, overtaken, look } = seen;
  const offers = offersFor(ipr, useCaller());
  const decides = offers.has("approve") || offers.has("reject");
  return (
    <Stack gap="sm">
      {ipr.approvals && ipr.status !== "rejected" && ipr.status !== "cancelled" && (
        <Approvals approvals={ipr.approvals} />
      )}
      {offers.has("deploy") && (
        <Button
          fullWidth
          disabled={overtaken}
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          onClick={() => onOpen("deploy")}
        >
          Deploy
        </Button>
      )}
      {decides && <Decide ipr={ipr} offers={offers} overtaken={overtaken} onDone={look} />}
      {offers.size === 0 && <Ended status={ipr.status} deployment={ipr.deployment_id} />}
      <Others offers={offers} overtaken={overtaken} onOpen={onOpen} />
    </Stack>
  );
}

function Ended({ status, deployment }: { status: string; deployment: string | null }) {
  return (
    <Text size="sm" c="dimmed">
      {deployment !== null && ["deploying", "deployed"].includes(status) ? (
        <>
          It is {status}: see{" "}
          <Link to={`/deployments/${deployment}`} underline="always" inherit>
            its deployment
          </Link>
          .
        </>
      ) : (
        `It is ${status}. There is nothing for you to decide here.`
      )}
    </Text>
  );
}

const OTHERS: { offer: Offer; dialog: Dialog; label: string; icon: typeof IconPencil }[] = [
  { offer: "dry_run", dialog: "deploy", label: "Dry run", icon: IconTestPipe },
  { offer: "replan", dialog: "replan", label: "Replan", icon: IconRefresh },
  { offer: "edit", dialog: "words", label: "Edit words", icon: IconPencil },
  { offer: "withdraw", dialog: "withdraw", label: "Withdraw", icon: IconTrash },
];

function Others({
  offers,
  overtaken,
  onOpen,
}: {
  offers: ReadonlySet<Offer>;
  overtaken: boolean;
  onOpen: (dialog: Dialog) => void;
}) {
  // Deploying has the dry run in it.
  const some = OTHERS.filter(
    ({ offer }) => offers.has(offer) && !(offer === "dry_run" && offers.has("deploy")),
  );
  if (some.length === 0) return null;
  return (
    <>
      <Divider />
      <Stack gap={4}>
        {some.map(({ dialog, label, icon: Icon }) => (
          <Button
            key={label}
            variant="subtle"
            color="gray"
            size="sm"
            justify="flex-start"
            c="var(--mantine-color-text)"
            disabled={overtaken}
            leftSection={<Icon size={16} aria-hidden />}
            onClick={() => onOpen(dialog)}
          >
            {label}
          </Button>
        ))}
      </Stack>
    </>
  );
}
