/** One message and its answer, as text: nothing of either is ever markup. */
import { Alert, Badge, Box, Group, Loader, Paper, Spoiler, Stack, Text } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { memo } from "react";
import { Link } from "@/components/Link";
import { ProblemAlert } from "@/components/states";
import { When } from "@/components/When";
import { Reading } from "./Reading";
import type { Answer, Turn } from "./turns";
import classes from "./conversation.module.css";

export const TurnView = memo(function TurnView({ turn, last }: { turn: Turn; last: boolean }) {
  const answering = turn.state === "answering";
  return (
    <Stack gap="xs" component="article" aria-label={`About: ${turn.message.slice(0, 80)}`}>
      <Paper className={classes.said} px="md" py={8}>
        <Spoiler maxHeight={200} showLabel="Show all of it" hideLabel="Show less">
          <Text size="sm" className={classes.words}>
            {turn.message}
          </Text>
        </Spoiler>
      </Paper>
      <Stack gap={6} className={classes.answer} aria-busy={answering}>
        {answering && <Doing turn={turn} />}
        {turn.response !== "" && (
          <Text size="sm" className={classes.words}>
            {turn.response}
          </Text>
        )}
        {turn.state === "stopped" && (
          <Text size="sm" c="dimmed">
            Stopped. Nothing of the answer was kept.
          </Text>
        )}
        {turn.problem !== null && <ProblemAlert problem={turn.problem} />}
        <Remarks turn={turn} />
        {turn.answer !== null && <Reading answer={turn.answer} response={turn.response} open={last} />}
        {turn.answer !== null && <CameOfIt answer={turn.answer} at={turn.at} />}
      </Stack>
    </Stack>
  );
});

/** What is being done right now. */
function Doing({ turn }: { turn: Turn }) {
  const now = turn.progress.at(-1);
  return (
    <Stack gap={4} role="status">
      {turn.cut ? (
        <Group gap="xs" className={classes.guess}>
          <IconPlugConnectedX size={16} aria-hidden />
          <Text size="sm">The connection was lost. It is being made again, and nothing will be missing.</Text>
        </Group>
      ) : (
        turn.response === "" && (
          <Group gap="xs" wrap="nowrap">
            <Loader size="xs" type="dots" />
            <Text size="sm" c="dimmed" className="wrap-anywhere">
              {now === undefined ? "sending" : now}
            </Text>
          </Group>
        )
      )}
    </Stack>
  );
}

function Remarks({ turn }: { turn: Turn }) {
  const warnings = turn.answer?.warnings ?? [];
  const known = new Set(warnings.map(({ message }) => message));
  return (
    <>
      {turn.remarks
        .filter((remark) => !known.has(remark))
        .map((remark) => (
          <Alert key={remark} color="yellow" p="xs">
            {remark}
          </Alert>
        ))}
      {warnings.map(({ code, path, message, hint }) => (
        <Alert key={`${code} ${path ?? ""} ${message}`} color="yellow" p="xs" className="wrap-anywhere">
          {[path, message, hint].filter(Boolean).join(" · ")}
        </Alert>
      ))}
    </>
  );
}

/** Where it went on, and when it was said. */
function CameOfIt({ answer, at }: { answer: Answer; at: string | null }) {
  const { blueprint_id: blueprint, revision, ipr_id: ipr, deployment_id: run, model } = answer;
  const links = [
    blueprint !== null && {
      to: `/blueprints/${blueprint}`,
      text: `Blueprint${revision === null ? "" : `, revision ${revision}`}`,
    },
    ipr !== null && { to: `/iprs/${ipr}`, text: `Request ${ipr}` },
    run !== null && { to: `/deployments/${run}`, text: "Deployment" },
  ].filter((link) => link !== false);
  return (
    <Group gap="sm">
      {links.map(({ to, text }) => (
        <Link key={to} to={to} size="sm">
          {text}
        </Link>
      ))}
      {model !== null && (
        <Badge variant="default" size="sm" tt="none">
          with {model}
        </Badge>
      )}
      {at !== null && (
        <Box c="dimmed" fz="xs">
          <When at={at} />
        </Box>
      )}
    </Group>
  );
}
