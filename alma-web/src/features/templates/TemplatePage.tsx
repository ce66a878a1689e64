import { Badge, Button, Grid, Group, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { BlueprintGraph } from "@/components/graph";
import { Link } from "@/components/Link";
import { Page } from "@/components/Page";
import { PriceOf } from "@/components/pricing/PriceOf";
import { Loaded, ProblemAlert } from "@/components/states";
import { $api, api, fetchOk } from "@/lib/api/client";
import { asProblem } from "@/lib/api/problem";
import { changed } from "@/lib/api/queries";
import type { Blueprint, BlueprintView, TemplateView } from "@/lib/api/schema";
import { count } from "@/lib/format";
import { useMay } from "@/lib/permissions";
import { toldDone } from "@/lib/told";
import { ParameterForm } from "./ParameterForm";
import { byParameter, firstValues, toSend, type Values } from "./values";

export default function TemplatePage() {
  const { id = "" } = useParams();
  const template = $api.useQuery(
    "get",
    "/api/v1/templates/{template_id}",
    { params: { path: { template_id: id } } },
    { staleTime: Infinity },
  );
  return (
    <Page
      title={template.data?.name ?? "Template"}
      about={template.data?.description}
      above={
        <Link to="/templates" size="sm">
          All templates
        </Link>
      }
    >
      <Loaded query={template}>{(found) => <Customising key={found.id} template={found} />}</Loaded>
    </Page>
  );
}

function Customising({ template }: { template: TemplateView }) {
  const { id, parameters } = template;
  const [values, setValues] = useState<Values>(() => firstValues(parameters));
  const [settled] = useDebouncedValue(values, 350);
  const sent = toSend(settled, parameters);
  const made = useQuery({
    queryKey: ["post", `/api/v1/templates/${id}/customize`, sent],
    queryFn: async ({ signal }) => {
      const { data } = await api.POST("/api/v1/templates/{template_id}/customize", {
        params: { path: { template_id: id } },
        body: { parameters: sent },
        signal,
      });
      return data as Blueprint;
    },
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
  const problem = made.error === null ? null : asProblem(made.error);
  const { of, rest } = byParameter(problem?.errors ?? [], parameters);
  const blueprint = made.data ?? template.blueprint;
  const current = !made.isPlaceholderData && problem === null && settled === values;
  return (
    <Grid gap="md">
      <Grid.Col span={{ base: 12, md: 5, lg: 4 }}>
        <Paper withBorder p="md">
          <Stack gap="md">
            <Group gap="xs">
              <Badge variant="default" tt="none">
                {template.category}
              </Badge>
              <Badge variant="light" autoContrast tt="none">
                {template.complexity} complexity
              </Badge>
            </Group>
            <Text size="sm" c="dimmed">
              For: {template.use_case}
            </Text>
            {problem !== null && (Object.keys(of).length === 0 || rest.length > 0) && (
              <ProblemAlert problem={problem} onRetry={() => void made.refetch()} />
            )}
            <ParameterForm
              parameters={parameters}
              values={values}
              errors={of}
              change={(name, value) => setValues((before) => ({ ...before, [name]: value }))}
            />
            <Use blueprint={blueprint} ready={current && made.data !== undefined} />
          </Stack>
        </Paper>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 7, lg: 8 }}>
        <Stack gap="md">
          <Paper withBorder>
            <BlueprintGraph blueprint={blueprint} height={380} />
          </Paper>
          <Paper withBorder p="md">
            <Stack gap="sm">
              <Title order={2} size="h4">
                Price
              </Title>
              <PriceOf of={{ document: blueprint }} />
            </Stack>
          </Paper>
        </Stack>
      </Grid.Col>
    </Grid>
  );
}

function Use({ blueprint, ready }: { blueprint: Blueprint; ready: boolean }) {
  const go = useNavigate();
  const may = useMay("blueprint:write");
  const [name, setName] = useState(blueprint.name);
  const save = useMutation({
    mutationFn: async (): Promise<BlueprintView> => {
      const response = await fetchOk("/api/v1/blueprints", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ ...blueprint, name: name.trim() }),
      });
      return (await response.json()) as BlueprintView;
    },
    onSuccess: ({ id, resources }) => {
      changed("/api/v1/blueprints");
      toldDone(`Saved as a blueprint with ${count(resources?.length ?? 0, "resource")}.`);
      void go(`/blueprints/${id}`);
    },
  });
  if (!may)
    return (
      <Text size="sm" c="dimmed">
        Your role may look at templates, and not save blueprints.
      </Text>
    );
  return (
    <Stack gap="sm">
      <TextInput
        label="Name of the blueprint"
        value={name}
        maxLength={100}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      {save.error !== null && <ProblemAlert problem={save.error} />}
      <Button disabled={!ready || name.trim() === ""} loading={save.isPending} onClick={() => save.mutate()}>
        Use this template
      </Button>
      <Text size="sm" c="dimmed">
        It becomes a blueprint of yours. Nothing runs before a request for it is approved.
      </Text>
    </Stack>
  );
}
