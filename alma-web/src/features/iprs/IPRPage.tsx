/** One request on one screen: what would be done, what speaks against it, and the decision. */
import { Box, Grid, Stack, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useParams } from "react-router";
import { Link } from "@/components/Link";
import { Page } from "@/components/Page";
import { PlanActions, PlanDangers, PlanRemarks } from "@/components/plan/PlanSummary";
import { Loaded, ProblemAlert } from "@/components/states";
import { Problem } from "@/lib/api/problem";
import { every } from "@/lib/api/queries";
import type { IprView } from "@/lib/api/schema";
import { useSeldom, useTurns } from "@/lib/news";
import { useCaller } from "@/lib/permissions";
import { Bar } from "./Bar";
import { requestQuery } from "./calls";
import { isOpen, offersFor, stands } from "./decisions";
import { DeployDialog } from "./DeployDialog";
import { Evidence } from "./Evidence";
import { Facts } from "./Facts";
import { Obstacles } from "./Obstacles";
import { Overtaken } from "./Overtaken";
import { type Dialog, Panel } from "./Panel";
import { ReplanDialog } from "./ReplanDialog";
import { useSeen } from "./seen";
import { WithdrawDialog } from "./WithdrawDialog";
import { WordsDialog } from "./WordsDialog";

/** Where the grid has two columns. */
const WIDE = "(min-width: 62em)";

const BACK = (
  <Link to="/iprs" size="sm">
    All requests
  </Link>
);

export default function IPRPage() {
  const { id } = useParams();
  const number = Number(id);
  if (!Number.isSafeInteger(number) || number < 1) {
    return (
      <Page title="Request" above={BACK}>
        <ProblemAlert problem={new Problem(`There is no request '${id ?? ""}'`, { status: 404 })} />
      </Page>
    );
  }
  return <One key={number} id={number} />;
}

function One({ id }: { id: number }) {
  useTurns("/api/v1/iprs");
  const underway = useSeldom(2);
  const query = useQuery({
    ...requestQuery(id),
    refetchInterval: (state) => {
      const { data } = state.state;
      if (data?.status === "deploying") return underway(state);
      return every(data !== undefined && isOpen(data) ? 5 : 60)(state);
    },
  });
  if (query.data === undefined) {
    return (
      <Page title={`Request ${id}`} above={BACK}>
        <Loaded query={query}>{() => null}</Loaded>
      </Page>
    );
  }
  return <Loaded query={query}>{(ipr) => <Request now={ipr} />}</Loaded>;
}

function Request({ now }: { now: IprView }) {
  const seen = useSeen(now);
  const caller = useCaller();
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const wide = useMediaQuery(WIDE, true, { getInitialValueInEffect: false });
  const offers = offersFor(seen.ipr, caller);
  const close = () => setDialog(null);
  const replan = offers.has("replan") ? () => setDialog("replan") : null;
  return (
    <Page title={now.title} above={BACK} about={<Facts ipr={now} />}>
      {seen.overtaken && <Overtaken before={seen.ipr} after={now} onLook={() => seen.look(now)} />}
      {!wide && offers.size === 0 && <Panel seen={seen} onOpen={setDialog} />}
      <Grid gap="md" overflow="visible">
        <Grid.Col span={{ base: 12, md: 8 }}>
          <Stack gap="md">
            <PlanDangers plan={now.plan} />
            {isOpen(now) && <Obstacles obstacles={stands(now)} />}
            {now.description !== "" && (
              <Text className="wrap-anywhere" style={{ whiteSpace: "pre-wrap" }}>
                {now.description}
              </Text>
            )}
            <PlanActions plan={now.plan} />
            <PlanRemarks diagnostics={now.plan.diagnostics} />
            <Evidence ipr={now} onReplan={replan} />
          </Stack>
        </Grid.Col>
        {wide && (
          <Grid.Col span={4}>
            <Box pos="sticky" top={72}>
              <Panel seen={seen} onOpen={setDialog} />
            </Box>
          </Grid.Col>
        )}
      </Grid>
      {!wide && offers.size > 0 && <Bar seen={seen} onOpen={setDialog} />}
      {dialog === "deploy" && (
        <DeployDialog
          ipr={seen.ipr}
          offers={offers}
          opened
          onClose={close}
          onReplan={() => setDialog("replan")}
        />
      )}
      {dialog === "replan" && <ReplanDialog ipr={seen.ipr} opened onClose={close} onDone={seen.look} />}
      {dialog === "words" && <WordsDialog ipr={seen.ipr} onClose={close} onDone={seen.look} />}
      {dialog === "withdraw" && <WithdrawDialog ipr={seen.ipr} onClose={close} onDone={seen.look} />}
    </Page>
  );
}
