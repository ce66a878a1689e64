/** Going back is a change like any other: what was before becomes the newest revision, and a request for it is opened. */
import { Button, Group, Radio, ScrollArea, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { Loaded, ProblemAlert } from "@/components/states";
import { When } from "@/components/When";
import { $api, api, fetchOk } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";
import type { DeploymentSummary, DeploymentView } from "@/lib/api/schema";

const YAML = "application/yaml";

/** Saves that revision as the newest one, unless somebody else has saved another meanwhile, and asks for its approval. */
async function ask(read: DeploymentView, revision: number, newest: number): Promise<number> {
  const path = `/api/v1/blueprints/${read.blueprint_id}`;
  const text = await (await fetchOk(`${path}/revisions/${revision}?format=yaml`)).text();
  await fetchOk(path, {
    method: "PUT",
    headers: { "Content-Type": YAML, "If-Match": `"${newest}"` },
    body: text,
  });
  const { data } = await api.POST("/api/v1/iprs", {
    body: {
      title: `Take ${read.stack} back to revision ${revision}`,
      description: `Instead of revision ${read.revision}, which deployment ${read.id} was about.`,
      blueprint_id: read.blueprint_id,
      engine: read.engine,
    },
  });
  if (data === undefined) throw new Error("The server did not say which request it opened");
  return data.id;
}

interface GoBackProps {
  read: DeploymentView;
  history: readonly DeploymentSummary[];
  onClose: () => void;
}

export function GoBack({ read, history, onClose }: GoBackProps) {
  const revisions = $api.useQuery("get", "/api/v1/blueprints/{blueprint_id}/revisions", {
    params: { path: { blueprint_id: read.blueprint_id } },
  });
  const ran = history.filter(({ status, kind }) => status === "succeeded" && kind === "deploy");
  const before = ran.find(({ revision }) => revision < read.revision)?.revision;
  const [chosen, setChosen] = useState<string | null>(before === undefined ? null : String(before));
  const navigate = useNavigate();
  const asking = useMutation({
    mutationFn: ({ revision, newest }: { revision: number; newest: number }) => ask(read, revision, newest),
    onSuccess: (ipr) => {
      changed("/api/v1/iprs", "/api/v1/blueprints");
      void navigate(`/iprs/${ipr}`);
    },
  });
  return (
    <Loaded query={revisions}>
      {({ items }) => {
        const earlier = items.filter(({ revision }) => revision < read.revision);
        const newest = Math.max(...items.map(({ revision }) => revision));
        return (
          <Stack>
            <Text size="sm">
              What you choose is saved as the newest revision, and a request to deploy it is opened. Nothing
              that runs changes before that is approved and deployed. Data is not turned back.
            </Text>
            <ScrollArea.Autosize mah={320} type="auto">
              <Radio.Group label="Revision" value={chosen} onChange={setChosen}>
                <Stack gap="xs" mt="xs">
                  {earlier.map(({ revision, created_at, created_by }) => (
                    <Radio
                      key={revision}
                      value={String(revision)}
                      label={
                        <>
                          Revision {revision}
                          {revision === before && ", which ran before"}
                        </>
                      }
                      description={
                        <>
                          saved by {created_by}, <When at={created_at} />
                        </>
                      }
                    />
                  ))}
                </Stack>
              </Radio.Group>
            </ScrollArea.Autosize>
            {asking.error !== null && <ProblemAlert problem={asking.error} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                Leave it
              </Button>
              <Button
                disabled={chosen === null}
                loading={asking.isPending}
                onClick={() => asking.mutate({ revision: Number(chosen), newest })}
              >
                Open the request
              </Button>
            </Group>
          </Stack>
        );
      }}
    </Loaded>
  );
}
