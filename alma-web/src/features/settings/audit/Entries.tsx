import { Anchor, Text } from "@mantine/core";
import { Listing } from "@/components/Listing";
import { StateBadge } from "@/components/StateBadge";
import { When } from "@/components/When";
import type { pagesOf } from "@/lib/api/pages";
import type { AuditEntry } from "@/lib/api/schema";

type EntriesProps = ReturnType<typeof pagesOf<AuditEntry>> & { onShow: (seq: number) => void };

export function Entries({ onShow, ...entries }: EntriesProps) {
  return (
    <Listing
      label="Audit log"
      keyOf={({ seq }) => seq}
      columns={[
        {
          title: "Entry",
          cell: ({ seq, action }) => (
            <Anchor component="button" type="button" size="sm" ta="left" onClick={() => onShow(seq)}>
              {action}{" "}
              <Text span size="xs" c="dimmed">
                {seq}
              </Text>
            </Anchor>
          ),
        },
        { title: "To what", cell: ({ target, project }) => <Where target={target} project={project} /> },
        { title: "Who", cell: ({ principal }) => <Text size="sm">{principal}</Text> },
        { title: "What came of it", cell: ({ outcome }) => <StateBadge state={outcome} /> },
        { title: "When", cell: ({ at }) => <When at={at} /> },
      ]}
      {...entries}
    />
  );
}

function Where({ target, project }: Pick<AuditEntry, "target" | "project">) {
  return (
    <>
      <Text size="sm">{target}</Text>
      {project !== null && (
        <Text size="xs" c="dimmed">
          in {project}
        </Text>
      )}
    </>
  );
}
