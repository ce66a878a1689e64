import { Badge, Button, Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { Loaded } from "@/components/states";
import { $api, api } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";
import type { RoleView } from "@/lib/api/schema";
import { count } from "@/lib/format";
import { useCaller, useMay } from "@/lib/permissions";
import { meaningOf, purposeOf } from "../access";
import { Asking } from "@/components/acting";
import { within } from "./people";
import { RoleDialog } from "./RoleDialog";

export default function RolesSection() {
  const { project } = useCaller();
  const query = $api.useQuery("get", "/api/v1/projects/{project_id}/roles", {
    params: { path: { project_id: project } },
  });
  const [edited, setEdited] = useState<RoleView | "new" | null>(null);
  return (
    <Stack>
      {useMay("member:manage") && (
        <Group>
          <Button leftSection={<IconPlus size={16} />} onClick={() => setEdited("new")}>
            New role
          </Button>
        </Group>
      )}
      <Loaded query={query}>
        {({ items }) => (
          <SimpleGrid cols={{ base: 1, lg: 2 }}>
            {items.map((role) => (
              <RoleCard key={role.name} project={project} role={role} onEdit={() => setEdited(role)} />
            ))}
          </SimpleGrid>
        )}
      </Loaded>
      {edited !== null && (
        <RoleDialog
          project={project}
          role={edited === "new" ? null : edited}
          taken={query.data?.items.map(({ name }) => name) ?? []}
          onClose={() => setEdited(null)}
        />
      )}
    </Stack>
  );
}

interface RoleCardProps {
  project: string;
  role: RoleView;
  onEdit: () => void;
}

function RoleCard({ project, role, onEdit }: RoleCardProps) {
  const caller = useCaller();
  const manage = useMay("member:manage") && !role.builtin && within(role, caller);
  const [opened, { toggle }] = useDisclosure();
  return (
    <Paper withBorder p="md" component="section" aria-label={role.name}>
      <Stack gap="xs">
        <Group justify="space-between">
          <Group gap="xs">
            <Title order={2} size="h5" className="wrap-anywhere">
              {role.name}
            </Title>
            {!role.builtin && <Badge variant="light">of this project</Badge>}
          </Group>
          {manage && (
            <Group gap="xs">
              <Button variant="default" size="xs" aria-label={`Change ${role.name}`} onClick={onEdit}>
                Change
              </Button>
              <Remove project={project} name={role.name} />
            </Group>
          )}
        </Group>
        <Text size="sm">{purposeOf(role.name) ?? "Made in this project."}</Text>
        <Button
          variant="subtle"
          size="compact-sm"
          w="fit-content"
          aria-expanded={opened}
          aria-label={`What ${role.name} allows`}
          onClick={toggle}
        >
          {count(role.permissions.length, "permission")}
        </Button>
        {opened && (
          <Stack gap={2} component="ul" m={0} pl="md">
            {role.permissions.map((permission) => (
              <Text key={permission} size="sm" component="li">
                {meaningOf(permission)}{" "}
                <Text span size="xs" c="dimmed">
                  {permission}
                </Text>
              </Text>
            ))}
          </Stack>
        )}
      </Stack>
    </Paper>
  );
}

function Remove({ project, name }: { project: string; name: string }) {
  return (
    <Asking
      label="Remove"
      named={name}
      title={`Remove the role ${name}?`}
      confirm="Remove it"
      done={`The role ${name} is gone.`}
      work={async () => {
        await api.DELETE("/api/v1/projects/{project_id}/roles/{name}", {
          params: { path: { project_id: project, name } },
        });
        changed("/api/v1/projects");
      }}
    >
      <Text size="sm">It is refused while somebody holds it.</Text>
    </Asking>
  );
}
