/** The request that came of the conversation: what it would do, what is to be decided, and how its run goes. */
import { Alert, Badge, Button, Collapse, Group, Paper, Skeleton, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { lazy, Suspense, useState } from "react";
import { Link } from "@/components/Link";
import { ProblemAlert, Waiting } from "@/components/states";
import { StateBadge } from "@/components/StateBadge";
import { $api } from "@/lib/api/client";
import { every } from "@/lib/api/queries";
import type { IprView, Permission } from "@/lib/api/schema";
import { count, words } from "@/lib/format";
import { mayOf, useCaller } from "@/lib/permissions";
import { toldProblem } from "@/lib/told";
import { called } from "./calls";
import { Run } from "./Run";

const PlanDiff = lazy(() =>
  import("@/components/plan/PlanDiff").then(({ PlanDiff: Inner }) => ({ default: Inner })),
);
const SECONDS = 10;

export function RequestCard({ id }: { id: number }) {
  const query = $api.useQuery(
    "get",
    "/api/v1/iprs/{ipr_id}",
    { params: { path: { ipr_id: id } } },
    { refetchInterval: every(SECONDS) },
  );
  const { data: ipr } = query;
  if (ipr === undefined) {
    return query.isPending ? (
      <Skeleton height={72} />
    ) : (
      <ProblemAlert problem={query.error} onRetry={() => void query.refetch()} />
    );
  }
  return (
    <Paper withBorder p="sm" component="section" aria-label={`Request ${ipr.id}`}>
      <Stack gap="xs">
        <Group justify="space-between" gap="xs">
          <Link to={`/iprs/${ipr.id}`} fw={600} className="wrap-anywhere">
            Request {ipr.id}: {ipr.title}
          </Link>
          <StateBadge state={ipr.status} />
        </Group>
        {ipr.deployment_id === null ? <Undecided ipr={ipr} /> : <Run id={ipr.deployment_id} />}
      </Stack>
    </Paper>
  );
}

/** Before it runs: the plan, and what stands in its way. */
function Undecided({ ipr }: { ipr: IprView }) {
  const [open, { toggle }] = useDisclosure();
  const missing = ipr.approvals?.missing ?? "";
  const summary = Object.entries(ipr.plan.summary).filter(
    ([action, number]) => number > 0 && action !== "no-op",
  );
  return (
    <>
      <Group gap="xs">
        <Text size="sm">On {ipr.engine}:</Text>
        {summary.map(([action, number]) => (
          <Badge key={action} variant="light" autoContrast tt="none">
            {number} to {words(action)}
          </Badge>
        ))}
        {ipr.plan.destructive.length > 0 && (
          <Badge color="red">destroys {count(ipr.plan.destructive.length, "resource")}</Badge>
        )}
        {ipr.council !== null && (
          <Group gap={4}>
            <Text size="sm" c="dimmed">
              The council:
            </Text>
            <StateBadge state={ipr.council.verdict} />
          </Group>
        )}
      </Group>
      {ipr.blocked && (
        <Alert color="red" p="xs">
          It is blocked as it is. <Link to={`/iprs/${ipr.id}`}>Look at what stands in the way.</Link>
        </Alert>
      )}
      {ipr.status === "pending" && missing !== "" && (
        <Text size="sm" c="dimmed" className="wrap-anywhere">
          Missing: {missing}
        </Text>
      )}
      <Decisions ipr={ipr} looked={open} onLook={toggle} />
      <Collapse expanded={open}>
        {open && (
          <Suspense fallback={<Waiting />}>
            <PlanDiff plan={ipr.plan} />
          </Suspense>
        )}
      </Collapse>
    </>
  );
}

interface Decision {
  label: string;
  needs: Permission;
  path: string;
  body: object;
  color?: string;
}

/** What can be decided in its state. A decision is about the plan that is shown, so its digest goes along. */
function decisionsOf({ id, status, plan_digest }: IprView): Decision[] {
  const path = `/api/v1/iprs/${id}`;
  if (status === "approved") {
    return [{ label: "Deploy", needs: "deployment:start", path: `${path}/deploy`, body: {} }];
  }
  if (status !== "pending") return [];
  const review = { needs: "ipr:approve", path: `${path}/review` } as const;
  return [
    { ...review, label: "Approve", body: { action: "approve", plan_digest } },
    { ...review, label: "Reject", body: { action: "reject", plan_digest }, color: "red" },
  ];
}

function Decisions({ ipr, looked, onLook }: { ipr: IprView; looked: boolean; onLook: () => void }) {
  const caller = useCaller();
  const [busy, setBusy] = useState<string | null>(null);
  async function decide({ label, path, body }: Decision) {
    setBusy(label);
    try {
      await called({ path, body });
    } catch (error) {
      toldProblem(error);
    } finally {
      setBusy(null);
    }
  }
  return (
    <Group gap="xs">
      {decisionsOf(ipr)
        .filter(({ needs }) => mayOf(caller, needs))
        .map((decision) => (
          <Button
            key={decision.label}
            size="xs"
            color={decision.color}
            variant={decision.color === undefined ? "filled" : "light"}
            loading={busy === decision.label}
            disabled={busy !== null && busy !== decision.label}
            onClick={() => void decide(decision)}
          >
            {decision.label}
          </Button>
        ))}
      <Button size="xs" variant="default" onClick={onLook} aria-expanded={looked}>
        {looked ? "Hide the plan" : "Show the plan"}
      </Button>
    </Group>
  );
}
