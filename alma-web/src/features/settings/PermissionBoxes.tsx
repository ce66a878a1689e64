import { Checkbox, Fieldset, Stack } from "@mantine/core";
import type { Permission } from "@/lib/api/schema";
import { useCaller } from "@/lib/permissions";
import { PERMISSIONS } from "./access";

interface PermissionBoxesProps {
  value: Permission[];
  onChange: (value: Permission[]) => void;
}

/** Permissions by what they are about, with what each means. What one may not do oneself is not one's to give. */
export function PermissionBoxes({ value, onChange }: PermissionBoxesProps) {
  const { permissions: own } = useCaller();
  return (
    <Checkbox.Group value={value} onChange={(found) => onChange(found)}>
      <Stack gap="sm">
        {PERMISSIONS.map(({ title, permissions }) => (
          <Fieldset key={title} legend={title} p="sm">
            <Stack gap="xs">
              {permissions.map(([permission, meaning]) => (
                <Checkbox
                  key={permission}
                  value={permission}
                  label={meaning}
                  description={
                    own.includes(permission) ? permission : `${permission} · you don't have it yourself`
                  }
                  disabled={!own.includes(permission)}
                />
              ))}
            </Stack>
          </Fieldset>
        ))}
      </Stack>
    </Checkbox.Group>
  );
}
