/** Lists and pages that live events keep true. Asking now and then goes on beside them: a connection may be lost. */
import { useEffect } from "react";
import { changed, every, outdated } from "./api/queries";
import { live, useLiveState, type Line, type LiveState } from "./live";

/** Many things happen at once when a run begins or ends. */
const TOGETHER_MS = 500;
const SELDOM = 4;

function isTurn({ type }: Pick<Line, "type">): boolean {
  return type === "status_change" || type === "complete";
}

/** Calls `ask` soon after a deployment has taken a turn, and after a break in which some may have. Answers with how to stop. */
export function onTurns(feed: Pick<typeof live, "watchAll" | "state">, ask: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let before: LiveState = feed.state.get();
  const soon = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      ask();
    }, TOGETHER_MS);
  };
  const stops = [
    feed.watchAll((line) => {
      if (isTurn(line)) soon();
    }),
    feed.state.subscribe(() => {
      const now = feed.state.get();
      if (now === "open" && before !== "open") soon();
      before = now;
    }),
  ];
  return () => {
    clearTimeout(timer);
    for (const stop of stops) stop();
  };
}

/** Whatever of these paths is on the page is asked for anew when a deployment takes a turn. */
export function useTurns(...prefixes: string[]): void {
  const all = prefixes.join(" ");
  useEffect(() => onTurns(live, () => changed(...all.split(" "))), [all]);
}

/** How often to ask for what live events tell of: seldom while they come. */
export function useSeldom(seconds: number): ReturnType<typeof every> {
  return every(useLiveState() === "open" ? seconds * SELDOM : seconds);
}

/** Calls `lost` when the connection breaks, and `regained` when it is there again. Answers with how to stop. */
export function onBreaks(
  { state }: Pick<typeof live, "state">,
  told: { lost: () => void; regained: () => void },
): () => void {
  let broken = false;
  return state.subscribe(() => {
    const now = state.get();
    if (now === "waiting" && !broken) told.lost();
    if (now === "open" && broken) told.regained();
    broken = now === "waiting" || (broken && now !== "open");
  });
}

/** What was read before the connection broke may be old by now, whatever it is. */
export function useBreaks(): void {
  useEffect(() => onBreaks(live, { lost: outdated, regained: () => changed("/") }), []);
}
