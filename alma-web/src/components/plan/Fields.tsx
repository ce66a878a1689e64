import { Badge, Table, Text } from "@mantine/core";
import type { ChangeView, FieldChange } from "@/lib/api/schema";
import { shown, words } from "@/lib/format";

const EFFECTS: Record<string, string> = { reboot: "orange", replace: "red" };

/** Each property, before and after. */
export function Fields({ fields }: { fields: readonly FieldChange[] }) {
  return (
    <Table.ScrollContainer minWidth={420}>
      <Table withTableBorder verticalSpacing={4} aria-label="Fields that change">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Field</Table.Th>
            <Table.Th>Now</Table.Th>
            <Table.Th>Then</Table.Th>
            <Table.Th>Takes</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {fields.map(({ path, before, after, effect = "in-place", drift }) => (
            <Table.Tr key={path}>
              <Table.Td className="wrap-anywhere">
                {path}{" "}
                {drift && (
                  <Badge size="sm" color="grape" variant="light" autoContrast>
                    changed by hand
                  </Badge>
                )}
              </Table.Td>
              <Table.Td className="wrap-anywhere">
                <Text size="sm" td={before === null ? undefined : "line-through"} span>
                  {shown(before)}
                </Text>
              </Table.Td>
              <Table.Td className="wrap-anywhere">
                <Text size="sm" fw={600} span>
                  {shown(after)}
                </Text>
              </Table.Td>
              <Table.Td>
                {effect in EFFECTS ? (
                  <Badge size="sm" color={EFFECTS[effect]} variant="light" autoContrast>
                    {words(effect)}
                  </Badge>
                ) : (
                  words(effect)
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** What something new shall be. */
export function Wanted({ wanted }: Pick<ChangeView, "wanted">) {
  return (
    <Table withTableBorder verticalSpacing={4} aria-label="What it shall be">
      <Table.Tbody>
        {Object.entries(wanted).map(([path, value]) => (
          <Table.Tr key={path}>
            <Table.Th w={180} fw={400}>
              {path}
            </Table.Th>
            <Table.Td className="wrap-anywhere">
              {Array.isArray(value) ? value.map(shown).join(", ") : shown(value)}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
