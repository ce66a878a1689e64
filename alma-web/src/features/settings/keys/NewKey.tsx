import { SegmentedControl, Select, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { api } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";
import type { NewKeyView, Permission } from "@/lib/api/schema";
import { useCaller } from "@/lib/permissions";
import { FormDialog } from "@/components/acting";
import { PermissionBoxes } from "../PermissionBoxes";
import { endAfter, LIFETIMES } from "./lifetime";

export function NewKey({ onMade, onClose }: { onMade: (made: NewKeyView) => void; onClose: () => void }) {
  const { administrator, project } = useCaller();
  const [name, setName] = useState("");
  const [days, setDays] = useState("90");
  const [scope, setScope] = useState("some");
  const [permissions, setPermissions] = useState<Permission[]>([
    "blueprint:read",
    "ipr:read",
    "deployment:read",
  ]);
  const [everywhere, setEverywhere] = useState(false);
  async function make() {
    if (scope === "some" && permissions.length === 0) throw new Error("Choose at least one permission.");
    const { data } = await api.POST("/api/v1/keys", {
      body: {
        name: name.trim(),
        permissions: scope === "all" ? null : permissions,
        administrator: scope === "all" && everywhere,
        expires_at: endAfter(days, new Date()),
      },
    });
    changed("/api/v1/keys");
    if (data !== undefined) onMade(data);
  }
  return (
    <FormDialog title="New API key" opened onClose={onClose} submit="Make the key" size="lg" work={make}>
      <TextInput
        label="Name"
        description="What uses it, such as the pipeline's name"
        required
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      <Select
        label="Ends"
        data={[...LIFETIMES]}
        value={days}
        allowDeselect={false}
        onChange={(value) => value !== null && setDays(value)}
      />
      <Stack gap="xs">
        <Text size="sm" fw={500}>
          What it may do in {project}
        </Text>
        <SegmentedControl
          aria-label="What it may do"
          data={[
            { value: "some", label: "Some things" },
            { value: "all", label: "All that I may" },
          ]}
          value={scope}
          onChange={setScope}
        />
        {scope === "some" && <PermissionBoxes value={permissions} onChange={setPermissions} />}
        {scope === "all" && administrator && (
          <Switch
            label="Administers the installation"
            description="Everything in every project. Rarely what a program needs."
            checked={everywhere}
            onChange={(event) => setEverywhere(event.currentTarget.checked)}
          />
        )}
      </Stack>
    </FormDialog>
  );
}
