import { List, Text } from "@mantine/core";
import type { PlanView } from "@/lib/api/schema";
import { count } from "@/lib/format";
import { Section } from "./Section";

const WORDS = { changed: "was changed", gone: "is gone", moved: "was moved" } as const;
const MOST = 50;

/** What is not as the last deployment left it. */
export function Drift({ plan }: { plan: PlanView }) {
  const { drift } = plan;
  if (drift.length === 0) return null;
  return (
    <Section
      title="Drift"
      beside={<Text size="sm">{count(drift.length, "place")}</Text>}
      about="Not as the last deployment left it. This plan puts right what the blueprint says."
    >
      <List size="sm" className="wrap-anywhere">
        {drift.slice(0, MOST).map(({ address, kind, detail, paths = [] }) => (
          <List.Item key={`${address} ${kind}`}>
            <b>{address}</b> {WORDS[kind]}: {detail}
            {paths.length > 0 && ` (${paths.join(", ")})`}
          </List.Item>
        ))}
        {drift.length > MOST && <List.Item>and {count(drift.length - MOST, "other")}</List.Item>}
      </List>
    </Section>
  );
}
