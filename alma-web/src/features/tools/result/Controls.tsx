/** One standard, control by control. */
import { Badge, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { Listing } from "@/components/Listing";
import { StateBadge } from "@/components/StateBadge";
import { type Answer, recordIn, recordsIn, textIn, textsIn } from "@/lib/answer";
import { Section } from "./Section";

const COLOR: Record<string, string> = {
  pass: "green",
  fail: "red",
  "not applicable": "gray",
  "not assessable": "yellow",
};
const PART = 30;

export function Controls({ standard }: { standard: Answer }) {
  const counts = Object.entries(recordIn(standard, "counts")).filter(([, number]) => Number(number) > 0);
  const worst = counts.some(([status]) => status === "fail") ? "fail" : "all";
  const [status, setStatus] = useState(worst);
  const [shown, setShown] = useState(PART);
  const controls = recordsIn(standard, "controls").filter(
    (control) => status === "all" || control.status === status,
  );
  const name = textIn(standard, "name");
  return (
    <Section title={textIn(standard, "title") || name}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          Covered here: {textIn(standard, "depth")}.
        </Text>
        <SegmentedControl
          aria-label={`Controls of ${name} by status`}
          size="xs"
          style={{ alignSelf: "flex-start", maxWidth: "100%", overflowX: "auto" }}
          value={status}
          onChange={(next) => {
            setStatus(next);
            setShown(PART);
          }}
          data={[
            { value: "all", label: "All" },
            ...counts.map(([one, number]) => ({ value: one, label: `${one} ${String(number)}` })),
          ]}
        />
        <Listing
          label={`Controls of ${name}`}
          items={controls.slice(0, shown)}
          keyOf={(control) => textIn(control, "id")}
          columns={[
            { title: "Control", cell: (control) => textIn(control, "id") },
            {
              title: "Status",
              cell: (control) => (
                <StateBadge
                  state={textIn(control, "status")}
                  color={COLOR[textIn(control, "status")] ?? "gray"}
                />
              ),
            },
            { title: "What it asks", cell: (control) => textIn(control, "title") },
            { title: "Why", cell: (control) => <Why control={control} /> },
          ]}
          total={controls.length > PART ? controls.length : undefined}
          more={{
            has: controls.length > shown,
            loading: false,
            fetch: () => setShown((before) => before + 3 * PART),
          }}
        />
      </Stack>
    </Section>
  );
}

function Why({ control }: { control: Answer }) {
  return (
    <>
      <Text size="sm">{textIn(control, "reason")}</Text>
      <Group gap={4} mt={4}>
        {textsIn(control, "findings").map((finding) => (
          <Badge
            key={finding}
            variant="light"
            color="red"
            tt="none"
            h="auto"
            autoContrast
            className="wrap-anywhere"
            style={{ whiteSpace: "normal" }}
          >
            {finding}
          </Badge>
        ))}
      </Group>
    </>
  );
}
