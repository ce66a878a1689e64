import { TextInput } from "@mantine/core";
import { useState } from "react";
import { api } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";
import type { Permission, RoleView } from "@/lib/api/schema";
import { FormDialog } from "@/components/acting";
import { PermissionBoxes } from "../PermissionBoxes";

interface RoleDialogProps {
  project: string;
  /** Null makes one. */
  role: RoleView | null;
  taken: string[];
  onClose: () => void;
}

export function RoleDialog({ project, role, taken, onClose }: RoleDialogProps) {
  const [name, setName] = useState(role?.name ?? "");
  const [permissions, setPermissions] = useState<Permission[]>([...(role?.permissions ?? [])]);
  const used = role === null && taken.includes(name);
  return (
    <FormDialog
      title={role === null ? "New role" : `What ${role.name} allows`}
      opened
      onClose={onClose}
      submit="Save the role"
      done="The role is saved."
      size="lg"
      work={async () => {
        if (used) throw new Error("There is a role of that name already: change that one.");
        await api.PUT("/api/v1/projects/{project_id}/roles/{name}", {
          params: { path: { project_id: project, name } },
          body: { permissions },
        });
        changed("/api/v1/projects");
      }}
    >
      {role === null && (
        <TextInput
          label="Name"
          description="Letters, digits and hyphens, a letter first"
          required
          pattern="[a-z][a-z0-9\-]{0,62}"
          value={name}
          error={used ? "There is a role of that name already" : undefined}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
      )}
      <PermissionBoxes value={permissions} onChange={setPermissions} />
    </FormDialog>
  );
}
