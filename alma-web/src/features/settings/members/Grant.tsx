import { Autocomplete, Select, Text } from "@mantine/core";
import { useState } from "react";
import { $api, api } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";
import type { RoleView } from "@/lib/api/schema";
import { useCaller } from "@/lib/permissions";
import { purposeOf } from "../access";
import { FormDialog } from "@/components/acting";
import { within } from "./people";

interface GrantProps {
  project: string;
  roles: readonly RoleView[];
  onClose: () => void;
}

export function Grant({ project, roles, onClose }: GrantProps) {
  const caller = useCaller();
  const [principal, setPrincipal] = useState("");
  const [role, setRole] = useState<string | null>(null);
  // Only administrators may see who there is; others have to know whom they mean.
  const { data } = $api.useQuery(
    "get",
    "/api/v1/accounts",
    { params: { query: { limit: 500 } } },
    { enabled: caller.administrator },
  );
  const names = (data?.items ?? []).filter(({ disabled_at }) => disabled_at === null).map(({ name }) => name);
  const purpose = role === null ? null : purposeOf(role);
  return (
    <FormDialog
      title="Grant a role"
      opened
      onClose={onClose}
      submit="Grant"
      done={`${principal} is ${role ?? ""} here.`}
      work={async () => {
        if (role === null) return;
        await api.POST("/api/v1/projects/{project_id}/members", {
          params: { path: { project_id: project } },
          body: { principal: principal.trim(), role },
        });
        changed("/api/v1/projects");
      }}
    >
      <Autocomplete
        label="Account"
        description="The name that they sign in with"
        data={names}
        limit={20}
        value={principal}
        onChange={setPrincipal}
        maxLength={128}
        required
        data-autofocus
      />
      <Select
        label="Role"
        data={roles.filter((candidate) => within(candidate, caller)).map(({ name }) => name)}
        value={role}
        onChange={setRole}
        required
        allowDeselect={false}
      />
      {purpose !== null && (
        <Text size="sm" c="dimmed">
          {purpose}
        </Text>
      )}
    </FormDialog>
  );
}
