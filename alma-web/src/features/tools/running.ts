/** Using a tool: what is asked, how far it is, what came of it. */
import { useCallback, useEffect, useReducer, useRef } from "react";
import { fetchOk } from "@/lib/api/client";
import { asProblem, Problem } from "@/lib/api/problem";
import type { Execution, ToolCall } from "@/lib/api/schema";
import { type Piece, piecesOf } from "@/lib/stream";

export type Run =
  | { state: "idle" }
  | { state: "running"; told: string | null; share: number | null }
  | { state: "done"; execution: Execution; asked: ToolCall }
  | { state: "failed"; problem: Problem }
  | { state: "cancelled" };

type Event =
  | { type: "asked" }
  | { type: "progress"; told: string | null; share: number | null }
  | { type: "done"; execution: Execution; asked: ToolCall }
  | { type: "failed"; problem: Problem }
  | { type: "cancelled" }
  | { type: "cleared" };

export function reduced(_: Run, event: Event): Run {
  switch (event.type) {
    case "asked":
      return { state: "running", told: null, share: null };
    case "progress":
      return { state: "running", told: event.told, share: event.share };
    case "done":
      return { state: "done", execution: event.execution, asked: event.asked };
    case "failed":
      return { state: "failed", problem: event.problem };
    case "cancelled":
      return { state: "cancelled" };
    case "cleared":
      return { state: "idle" };
  }
}

/** One tool at a time: a new call ends the one before, and leaving the page ends the last. */
export function useRun(): {
  run: Run;
  start: (call: Partial<ToolCall>) => void;
  cancel: () => void;
  clear: () => void;
} {
  const [run, tell] = useReducer(reduced, { state: "idle" });
  const current = useRef<AbortController | null>(null);
  useEffect(() => () => current.current?.abort(), []);

  const start = useCallback((call: Partial<ToolCall>) => {
    current.current?.abort();
    const control = new AbortController();
    current.current = control;
    const mine = (event: Event) => {
      if (current.current === control) tell(event);
    };
    mine({ type: "asked" });
    void follow(call, control.signal, mine);
  }, []);

  const cancel = useCallback(() => {
    current.current?.abort();
    current.current = null;
    tell({ type: "cancelled" });
  }, []);

  const clear = useCallback(() => {
    current.current?.abort();
    current.current = null;
    tell({ type: "cleared" });
  }, []);

  return { run, start, cancel, clear };
}

async function follow(call: ToolCall, signal: AbortSignal, tell: (event: Event) => void): Promise<void> {
  try {
    const response = await fetchOk("/api/v1/tools/execute-stream", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
      body: JSON.stringify(call),
      signal,
    });
    for await (const { piece } of piecesOf(response)) {
      if (piece.type === "progress") {
        tell({
          type: "progress",
          told: piece.content ?? null,
          share: typeof piece.share === "number" ? piece.share : null,
        });
      } else if (piece.type === "complete") {
        tell({ type: "done", execution: piece as unknown as Execution, asked: call });
        return;
      } else if (piece.type === "error") {
        tell({ type: "failed", problem: problemIn(piece) });
        return;
      }
    }
    tell({ type: "failed", problem: new Problem("The answer broke off", { hint: "Run it again." }) });
  } catch (error) {
    if (!signal.aborted) tell({ type: "failed", problem: asProblem(error) });
  }
}

/** A failure that was told in the stream: its fields are those of every failure's body. */
function problemIn(frame: Piece): Problem {
  const { content, detail, error, code, hint, errors, diagnostics, request_id } = frame;
  const message = [detail, error, content].find((one) => typeof one === "string");
  return new Problem(message ?? "The tool failed", {
    status: 502,
    code: typeof code === "string" ? code : "tool_failed",
    hint: typeof hint === "string" ? hint : null,
    errors: Array.isArray(errors) ? (errors as string[]) : [],
    diagnostics: Array.isArray(diagnostics) ? (diagnostics as Problem["diagnostics"]) : [],
    requestId: typeof request_id === "string" ? request_id : null,
  });
}
