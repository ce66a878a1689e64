import { Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconUserPlus } from "@tabler/icons-react";
import { Listing } from "@/components/Listing";
import { Empty, Loaded } from "@/components/states";
import { When } from "@/components/When";
import { $api, api } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";
import type { Membership, RoleView } from "@/lib/api/schema";
import { useCaller, useMay } from "@/lib/permissions";
import { Asking } from "@/components/acting";
import { useSome } from "../lists";
import { Grant } from "./Grant";
import { peopleOf, type Person, within } from "./people";

export default function MembersSection() {
  const { project } = useCaller();
  const path = { path: { project_id: project } };
  const members = $api.useQuery("get", "/api/v1/projects/{project_id}/members", { params: path });
  const roles = $api.useQuery("get", "/api/v1/projects/{project_id}/roles", { params: path });
  const [opened, { open, close }] = useDisclosure();
  const manage = useMay("member:manage");
  const grant = manage && (
    <Button leftSection={<IconUserPlus size={16} />} onClick={open}>
      Grant a role
    </Button>
  );
  return (
    <Stack>
      <Loaded query={members}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="Nobody holds a role here yet" action={grant}>
              Administrators of the installation may do everything in every project. Everybody else needs a
              role.
            </Empty>
          ) : (
            <>
              {manage && <Group>{grant}</Group>}
              <People people={peopleOf(items)} roles={roles.data?.items ?? []} />
            </>
          )
        }
      </Loaded>
      {opened && <Grant project={project} roles={roles.data?.items ?? []} onClose={close} />}
    </Stack>
  );
}

function People({ people, roles }: { people: Person[]; roles: readonly RoleView[] }) {
  return (
    <Listing
      label="Members"
      keyOf={({ principal }) => principal}
      columns={[
        {
          title: "Who",
          cell: ({ principal }) => (
            <Text size="sm" fw={600}>
              {principal}
            </Text>
          ),
        },
        {
          title: "Roles",
          cell: ({ memberships }) => (
            <Stack gap={4}>
              {memberships.map((membership) => (
                <Held key={membership.role} membership={membership} roles={roles} />
              ))}
            </Stack>
          ),
        },
      ]}
      {...useSome(people)}
    />
  );
}

function Held({ membership, roles }: { membership: Membership; roles: readonly RoleView[] }) {
  const { principal, role, granted_at, granted_by } = membership;
  const caller = useCaller();
  const found = roles.find(({ name }) => name === role);
  const mayTake = useMay("member:manage") && found !== undefined && within(found, caller);
  return (
    <Group gap="sm" justify="space-between">
      <div>
        <Text size="sm" span fw={500}>
          {role}
        </Text>
        <Text size="xs" c="dimmed" span>
          {" · by "}
          {granted_by} <When at={granted_at} />
        </Text>
      </div>
      {mayTake && (
        <Asking
          label="Take back"
          named={`${role} of ${principal}`}
          size="compact-xs"
          title={`Take ${role} back from ${principal}?`}
          confirm="Take it back"
          done={`${principal} is ${role} here no more.`}
          work={async () => {
            await api.DELETE("/api/v1/projects/{project_id}/members/{principal}/{role}", {
              params: { path: { project_id: membership.project, principal, role } },
            });
            changed("/api/v1/projects");
          }}
        >
          <Text size="sm">It holds from their next request on. What they have done stays.</Text>
        </Asking>
      )}
    </Group>
  );
}
