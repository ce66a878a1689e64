/** The fields of one resource, and where each value came from. */
import { Badge, Paper, Table, Title } from "@mantine/core";
import type { Origin, Resource } from "@/lib/api/schema";
import { shown } from "@/lib/format";
import { pathsOf } from "./parity";

const COLORS: Record<Origin, string> = {
  words: "green",
  template: "blue",
  default: "gray",
  inferred: "yellow",
  model: "orange",
  imported: "teal",
};

function valueAt(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((here, step) => (here as Record<string, unknown> | null | undefined)?.[step], value);
}

interface ResourceDetailProps {
  resource: Resource;
  origins: Readonly<Record<string, Origin>>;
}

export function ResourceDetail({ resource, origins }: ResourceDetailProps) {
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h4" mb="xs">
        {resource.name}
      </Title>
      <Table aria-label={`Fields of ${resource.name}`}>
        <Table.Tbody>
          {pathsOf(resource).map((path) => {
            const origin = origins[`resources.${resource.name}.${path}`];
            return (
              <Table.Tr key={path}>
                <Table.Th scope="row" w={220} fw={500} className="wrap-anywhere">
                  {path}
                </Table.Th>
                <Table.Td className="wrap-anywhere">{shown(valueAt(resource, path))}</Table.Td>
                <Table.Td w={140}>
                  {origin !== undefined && (
                    <Badge color={COLORS[origin]} variant="light" autoContrast>
                      {origin}
                    </Badge>
                  )}
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Paper>
  );
}
