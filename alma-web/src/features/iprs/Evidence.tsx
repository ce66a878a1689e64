/** Everything a reviewer looks at, in the order in which it matters. A citation leads to its place in it. */
import { Button, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { CostOf } from "@/components/council/CostOf";
import { Verdicts } from "@/components/council/Verdicts";
import { Findings, ofCouncil, type ShownFinding } from "@/components/Findings";
import { BlueprintGraph } from "@/components/graph";
import { changesOf, marksOf, placeOf } from "@/components/plan/changes";
import { type Focus, PlanChanges } from "@/components/plan/PlanChanges";
import { ProblemAlert, Waiting } from "@/components/states";
import { $api } from "@/lib/api/client";
import type { BlueprintView, IprView } from "@/lib/api/schema";
import { count } from "@/lib/format";
import { useMay } from "@/lib/permissions";
import { Carrying } from "./Carrying";
import { Drift } from "./Drift";
import { Guesses } from "./Guesses";
import { Ran } from "./Ran";
import { Reviews } from "./Reviews";
import { Section } from "./Section";
import { WaiveDialog } from "./WaiveDialog";

export function Evidence({ ipr, onReplan }: { ipr: IprView; onReplan: (() => void) | null }) {
  const { plan, council } = ipr;
  const [focus, setFocus] = useState<Focus | null>(null);
  const [selected, setSelected] = useState<string | null>(null);
  const blueprint = $api.useQuery(
    "get",
    "/api/v1/blueprints/{blueprint_id}/revisions/{number}",
    { params: { path: { blueprint_id: ipr.blueprint_id, number: ipr.revision } } },
    { staleTime: Infinity },
  );
  // It could be asked for as YAML, too, so its type says less than what comes.
  const document = blueprint.data as BlueprintView | undefined;
  const resources = useMemo(() => document?.resources ?? [], [document]);
  const names = useMemo(() => resources.map(({ name }) => name), [resources]);
  const marks = useMemo(() => marksOf(resources, plan.changes), [resources, plan.changes]);

  const lead = (path: string) => {
    const place = placeOf(path, names);
    if (place.kind === "change") setFocus({ address: place.address });
    else if (place.kind === "resource") goTo(place.name);
    else reveal(place.kind === "cost" ? "cost" : "graph");
  };
  const goTo = (name: string) => {
    setSelected(name);
    const resource = resources.find((one) => one.name === name);
    const change = resource && changesOf(resource, plan.changes).find(({ action }) => action !== "no-op");
    if (change === undefined) reveal("graph");
    else setFocus({ address: change.address });
  };

  return (
    <>
      <Section title="Changes" beside={<Text size="sm">revision {plan.revision}</Text>}>
        <PlanChanges key={plan.digest} plan={plan} focus={focus} />
      </Section>
      <Section title="Blueprint" id="graph">
        {document ? (
          <BlueprintGraph
            blueprint={document}
            marks={marks}
            selected={selected}
            onSelect={(name) => (name === null ? setSelected(null) : goTo(name))}
            height={320}
          />
        ) : blueprint.isPending ? (
          <Waiting />
        ) : (
          <ProblemAlert problem={blueprint.error} onRetry={() => void blueprint.refetch()} />
        )}
      </Section>
      {council && (
        <Section title="Cost" id="cost">
          <CostOf report={council} />
        </Section>
      )}
      {council && <Found ipr={ipr} names={names} onPlace={lead} onReplan={onReplan} />}
      {council && (
        <Section title="Council">
          <Verdicts report={council} />
        </Section>
      )}
      {document && ipr.kind === "deploy" && <Guesses blueprint={document} />}
      <Drift plan={plan} />
      <Carrying ipr={ipr} />
      <Reviews ipr={ipr} />
      <Ran ipr={ipr} />
    </>
  );
}

function reveal(id: string): void {
  const place = document.getElementById(id);
  place?.scrollIntoView({ block: "start" });
  place?.focus({ preventScroll: true });
}

interface FoundProps {
  ipr: IprView;
  names: readonly string[];
  onPlace: (path: string) => void;
  onReplan: (() => void) | null;
}

function Found({ ipr, names, onPlace, onReplan }: FoundProps) {
  const mayWaive = useMay("policy:waive");
  const [waived, setWaived] = useState<{ rule: string; finding: ShownFinding } | null>(null);
  const findings = ofCouncil(ipr.council?.findings ?? []);
  const omitted = ipr.council?.omitted ?? 0;
  const waive = ({ rule, ...finding }: ShownFinding) =>
    rule === null ? null : (
      <Button
        size="compact-xs"
        variant="default"
        onClick={() => setWaived({ rule, finding: { rule, ...finding } })}
        aria-label={`Waive ${rule} at ${finding.path}`}
      >
        Waive
      </Button>
    );
  return (
    <Section title="Findings" beside={<Text size="sm">{count(findings.length + omitted, "finding")}</Text>}>
      <Findings findings={findings} onPlace={onPlace} actions={mayWaive && onReplan ? waive : undefined} />
      {omitted > 0 && (
        <Text size="sm" c="dimmed">
          {count(omitted, "milder finding")} more, left out by the server.
        </Text>
      )}
      {waived !== null && (
        <WaiveDialog
          {...waived}
          plan={ipr.plan}
          names={names}
          onClose={() => setWaived(null)}
          onReplan={onReplan}
        />
      )}
    </Section>
  );
}
