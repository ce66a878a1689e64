import { Button, Center, Code, Stack } from "@mantine/core";
import { useRouteError } from "react-router";
import { Link } from "@/components/Link";
import { Page } from "@/components/Page";
import { Empty } from "@/components/states";

/** A page that broke. The others go on. */
export function Fault() {
  const error = useRouteError();
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
