/** What can be done next, as buttons. What isn't allowed isn't offered. */
import { Button, Group } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { mayOf, useCaller } from "@/lib/permissions";
import { toldDone, toldProblem } from "@/lib/told";
import { called } from "./calls";
import { isAbout, isPlan, suggestion, type Suggestion } from "./actions";

const PlanLook = lazy(() => import("./PlanLook"));

interface SuggestionsProps {
  actions: readonly string[];
  /** Its own card has its buttons. */
  ipr: number | null;
  onSay: (message: string) => void;
}

export function Suggestions({ actions, ipr, onSay }: SuggestionsProps) {
  const caller = useCaller();
  const [looked, setLooked] = useState<string | null>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const offered = actions
    .map(suggestion)
    .filter((one) => one !== null)
    .filter((one) => mayOf(caller, one.needs) && !isAbout(one, ipr));
  async function take(one: Suggestion) {
    if (one.call === null) {
      onSay(one.words ?? one.label);
      return;
    }
    if (isPlan(one)) {
      setLooked(one.call.path);
      return;
    }
    setBusy(one.label);
    try {
      await called(one.call);
      toldDone(`${one.label}: done`);
    } catch (error) {
      toldProblem(error);
    } finally {
      setBusy(null);
    }
  }
  if (offered.length === 0) return null;
  return (
    <Group gap="xs" role="group" aria-label="What can be done next">
      {offered.map((one, at) => (
        <Button
          key={`${at} ${one.label}`}
          size="xs"
          variant={at === 0 ? "light" : "default"}
          loading={busy === one.label}
          onClick={() => void take(one)}
          h="auto"
          mih={30}
          py={4}
          fw={500}
          styles={{ label: { whiteSpace: "normal", textAlign: "start" } }}
        >
          {one.label}
        </Button>
      ))}
      {looked !== null && (
        <Suspense>
          <PlanLook path={looked} onClose={() => setLooked(null)} />
        </Suspense>
      )}
    </Group>
  );
}
