import { Badge, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { Listing } from "@/components/Listing";
import { Loaded } from "@/components/states";
import { When } from "@/components/When";
import { $api, api } from "@/lib/api/client";
import { byCursor, pagesOf } from "@/lib/api/pages";
import { changed } from "@/lib/api/queries";
import type { ProjectView } from "@/lib/api/schema";
import { useCaller } from "@/lib/permissions";
import { chooseProject } from "@/lib/project";
import { Asking, FormDialog } from "@/components/acting";
import { useSaid } from "../saying";

export default function ProjectsSection() {
  const query = $api.useInfiniteQuery(
    "get",
    "/api/v1/projects",
    { params: { query: { limit: 50 } } },
    byCursor,
  );
  const [opened, { open, close }] = useDisclosure();
  return (
    <Stack>
      <Group>
        <Button leftSection={<IconPlus size={16} />} onClick={open}>
          New project
        </Button>
      </Group>
      <Loaded query={query}>
        {() => (
          <Listing
            label="Projects"
            keyOf={({ id }) => id}
            columns={[
              { title: "Project", cell: (project) => <Named project={project} /> },
              { title: "Made", cell: ({ created_at }) => <When at={created_at} /> },
              { title: "By", cell: ({ created_by }) => created_by },
              { title: "", cell: (project) => <Actions project={project} />, right: true },
            ]}
            {...pagesOf(query)}
          />
        )}
      </Loaded>
      {opened && <NewProject onClose={close} />}
    </Stack>
  );
}

function Named({ project }: { project: ProjectView }) {
  return (
    <>
      <Group gap="xs">
        <Text size="sm" fw={600}>
          {project.name}
        </Text>
        {project.archived_at !== null && (
          <Badge color="gray" variant="light" autoContrast>
            archived
          </Badge>
        )}
      </Group>
      <Text size="xs" c="dimmed">
        {project.id}
      </Text>
    </>
  );
}

function Actions({ project }: { project: ProjectView }) {
  const caller = useCaller();
  if (project.archived_at !== null) return null;
  return (
    <Group gap="xs" justify="flex-end" wrap="nowrap">
      {project.id === caller.project ? (
        <Badge variant="outline">you are here</Badge>
      ) : (
        <Button
          variant="default"
          size="xs"
          aria-label={`Go to ${project.name}`}
          onClick={() => chooseProject(project.id)}
        >
          Go there
        </Button>
      )}
      {project.id !== "default" && <Archive project={project} />}
    </Group>
  );
}

function Archive({ project }: { project: ProjectView }) {
  return (
    <Asking
      label="Archive"
      named={project.name}
      title={`Archive ${project.name}?`}
      confirm="Archive it"
      done="The project is archived."
      work={async () => {
        await api.DELETE("/api/v1/projects/{project_id}", {
          params: { path: { project_id: project.id }, header: { "if-match": `"${project.version}"` } },
        });
        changed("/api/v1/projects");
      }}
    >
      <Text size="sm">
        Its members can&apos;t open it any more, and its keys end. Nothing of it is removed, and its id
        can&apos;t be used again. It is refused while something of it is deployed.
      </Text>
    </Asking>
  );
}

function NewProject({ onClose }: { onClose: () => void }) {
  const { said, writes } = useSaid({ id: "", name: "", admin: "" });
  return (
    <FormDialog
      title="New project"
      opened
      onClose={onClose}
      submit="Make it"
      done="The project is there."
      work={async () => {
        const name = said.name.trim();
        const admin = said.admin.trim();
        await api.POST("/api/v1/projects", {
          body: { id: said.id, name: name === "" ? null : name, admin: admin === "" ? null : admin },
        });
        changed("/api/v1/projects");
      }}
    >
      <TextInput
        label="Id"
        description="For good: letters, digits and hyphens, a letter first"
        required
        pattern="[a-z][a-z0-9\-]{0,62}"
        {...writes("id")}
        data-autofocus
      />
      <TextInput label="Name" description="The id, if nothing is said" maxLength={200} {...writes("name")} />
      <TextInput
        label="Its administrator"
        description="An account, which gets the role admin there; you can grant roles later, too"
        maxLength={128}
        {...writes("admin")}
      />
    </FormDialog>
  );
}
