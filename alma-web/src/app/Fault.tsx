import { Button, Center, Code, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";
import { useRouteError } from "react-router";
import { Link } from "@/components/Link";
import { Page } from "@/components/Page";
import { Empty, Waiting } from "@/components/states";
import { unreachable } from "@/lib/api/problem";
import { NotFetched } from "./fetching";
import { Unreachable } from "./Unreachable";

/** A page that could not be shown. The others go on. */
export function Fault() {
  const error = useRouteError();
  return error instanceof NotFetched ? <Missing error={error} /> : <Broken error={error} />;
}

/** Whether that is because the server is away is the server's to say. */
function Missing({ error }: { error: NotFetched }) {
  const there = useQuery({
    queryKey: ["there"],
    queryFn: isThere,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  useEffect(() => error.forget(), [error]);
  if (there.data === undefined) return <Waiting />;
  return there.data ? <Broken error={error} /> : <Away />;
}

/** What browsers remember as missing stays missing, so the page is loaded anew once the server is back. */
function Away() {
  const again = useCallback(() => {
    void isThere().then((there) => there && window.location.reload());
  }, []);
  return (
    <Center p="xl">
      <Unreachable problem={unreachable()} again={again} />
    </Center>
  );
}

/** Whether the server answers; something in between that says it doesn't is no answer. */
async function isThere(): Promise<boolean> {
  const answer = await fetch("/api/v1/monitoring/health/live", { cache: "no-store" }).catch(() => null);
  return answer !== null && answer.status < 500;
}

function Broken({ error }: { error: unknown }) {
  const said = error instanceof Error ? error.message : "unknown";
  return (
    <Center p="xl">
      <Stack align="center">
        <Empty
          title="This page broke"
          action={<Button onClick={() => window.location.reload()}>Load it again</Button>}
        >
          Nothing was changed on the server. If ALMA was just updated, loading the page again mends it.
        </Empty>
        <Code className="wrap-anywhere">{said}</Code>
      </Stack>
    </Center>
  );
}

export function NotFound() {
  return (
    <Page title="Not found">
      <Empty title="There is no page at this address" action={<Link to="/">Go to the conversation</Link>} />
    </Page>
  );
}
