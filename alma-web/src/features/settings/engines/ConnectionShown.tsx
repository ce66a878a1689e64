import { Badge, Table } from "@mantine/core";
import type { ConnectionView } from "@/lib/api/schema";
import { shown, words } from "@/lib/format";

/** For who may look and not change. Of secrets, whether they are set. */
export function ConnectionShown({ connection: { settings, secrets } }: { connection: ConnectionView }) {
  return (
    <Table className="wrap-anywhere" variant="vertical">
      <Table.Tbody>
        {Object.entries(settings).map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th>{words(name)}</Table.Th>
            <Table.Td>{Array.isArray(value) ? value.join(", ") : shown(value)}</Table.Td>
          </Table.Tr>
        ))}
        {(secrets ?? []).map((name) => (
          <Table.Tr key={name}>
            <Table.Th>{words(name)}</Table.Th>
            <Table.Td>
              <Badge variant="light">set</Badge>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
