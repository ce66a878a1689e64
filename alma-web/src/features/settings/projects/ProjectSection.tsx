import { Button, List, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { useState } from "react";
import { Loaded, ProblemAlert } from "@/components/states";
import { $api, api } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";
import type { ProjectView } from "@/lib/api/schema";
import { useCaller, useMay } from "@/lib/permissions";
import { useActing } from "@/components/acting";
import { RulesForm } from "./RulesForm";
import { told } from "./rules";

export default function ProjectSection() {
  const { project } = useCaller();
  const query = $api.useQuery("get", "/api/v1/projects/{project_id}", {
    params: { path: { project_id: project } },
  });
  const manage = useMay("project:manage");
  return (
    <Loaded query={query}>
      {(found) => (
        <Stack gap="lg">
          <Rules project={found} />
          {manage && <RulesForm key={found.version} project={found} />}
          {manage && <Name key={found.name} project={found} />}
        </Stack>
      )}
    </Loaded>
  );
}

function Rules({ project }: { project: ProjectView }) {
  return (
    <Paper withBorder p="md" component="section" aria-label="What holds now">
      <Title order={2} size="h4" mb="xs" className="wrap-anywhere">
        {project.name}
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        Known as <code>{project.id}</code> to the API and the command line. What holds now:
      </Text>
      <List size="sm" className="wrap-anywhere">
        {told(project.rules).map((sentence) => (
          <List.Item key={sentence}>{sentence}</List.Item>
        ))}
        <List.Item>For the rest, the installation&apos;s settings hold.</List.Item>
      </List>
    </Paper>
  );
}

function Name({ project }: { project: ProjectView }) {
  const [name, setName] = useState(project.name);
  const { busy, problem, act } = useActing();
  async function rename() {
    const fine = await act(
      () =>
        api.PATCH("/api/v1/projects/{project_id}", {
          params: { path: { project_id: project.id }, header: { "if-match": `"${project.version}"` } },
          body: { name: name.trim() },
        }),
      "The project has another name.",
    );
    if (fine) changed("/api/v1/projects");
  }
  return (
    <Paper withBorder p="md" component="section" aria-label="Name">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void rename();
        }}
      >
        <Stack align="flex-start">
          <Title order={2} size="h4">
            Name
          </Title>
          <TextInput
            label="What people call it"
            value={name}
            maxLength={200}
            required
            w="100%"
            maw={480}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          {problem !== null && <ProblemAlert problem={problem} />}
          <Button type="submit" loading={busy} disabled={name.trim() === "" || name.trim() === project.name}>
            Rename
          </Button>
        </Stack>
      </form>
    </Paper>
  );
}
