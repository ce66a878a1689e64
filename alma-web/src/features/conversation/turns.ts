/**
 * A conversation as the page keeps it: what was said, and what is answered, piece by piece.
 *
 * Pure: a turn and the next piece make the next turn, so that an answer looks the same whether it was watched coming,
 * picked up after a break, or read from the history.
 */
import { type Problem, problemOf } from "@/lib/api/problem";
import type { Blueprint, ChatView, Origin, Resource, TurnState, TurnView } from "@/lib/api/schema";
import type { Piece } from "@/lib/stream";

/** What is kept of an answer, by the stream and by the history alike. */
export type Answer = Pick<
  TurnView,
  | "intent"
  | "blueprint"
  | "origins"
  | "blueprint_id"
  | "revision"
  | "understood"
  | "assumptions"
  | "question"
  | "unused"
  | "opinions"
  | "warnings"
  | "suggested_actions"
  | "ipr_id"
  | "deployment_id"
  | "model"
  | "cost"
>;

export interface Turn {
  /** The page's own name for it; the server's is known once it begins to answer. */
  key: string;
  id: string | null;
  message: string;
  at: string | null;
  state: TurnState;
  /** What is being done, the latest last. */
  progress: string[];
  response: string;
  remarks: string[];
  /** What came of the draft so far. */
  resources: Resource[];
  blueprint: Blueprint | null;
  answer: Answer | null;
  problem: Problem | null;
  /** The connection broke, and is being made again. */
  cut: boolean;
}

const REFUSED = { status: 422, headers: new Headers() };

export function asked(key: string, message: string): Turn {
  return {
    key,
    id: null,
    message,
    at: null,
    state: "answering",
    progress: [],
    response: "",
    remarks: [],
    resources: [],
    blueprint: null,
    answer: null,
    problem: null,
    cut: false,
  };
}

/** The turn after one more piece of its answer. */
export function heard(turn: Turn, piece: Piece): Turn {
  const next = { ...turn, cut: false, id: piece.turn_id ?? turn.id };
  const content = piece.content ?? "";
  switch (piece.type) {
    case "thinking":
      return { ...next, progress: [...turn.progress, content] };
    case "progress":
      return {
        ...next,
        progress: [...turn.progress, content],
        response: piece.restart === true ? "" : turn.response,
      };
    case "resource":
      return piece.resource === undefined
        ? next
        : { ...next, resources: withOne(turn.resources, piece.resource) };
    case "blueprint":
      return { ...next, blueprint: piece.blueprint ?? turn.blueprint };
    case "token":
      return { ...next, response: turn.response + content };
    case "warning":
      return { ...next, remarks: [...turn.remarks, content] };
    case "complete":
      return completed(next, piece as Piece & ChatView);
    case "error":
      return failed(next, problemOf(REFUSED, piece));
  }
}

function completed(turn: Turn, whole: ChatView): Turn {
  return { ...turn, state: whole.state ?? "answered", response: whole.response, answer: answerOf(whole) };
}

export function failed(turn: Turn, problem: Problem): Turn {
  const state: TurnState = problem.code === "turn_stopped" ? "stopped" : "failed";
  return { ...turn, state, cut: false, problem: state === "stopped" ? null : problem };
}

export function stopped(turn: Turn): Turn {
  return { ...turn, state: "stopped", cut: false };
}

function answerOf(whole: ChatView): Answer {
  return {
    intent: whole.intent,
    blueprint: whole.blueprint ?? null,
    origins: whole.origins ?? {},
    blueprint_id: whole.blueprint_id ?? null,
    revision: whole.revision ?? null,
    understood: whole.understood ?? [],
    assumptions: whole.assumptions ?? [],
    question: whole.question ?? null,
    unused: whole.unused ?? [],
    opinions: whole.opinions ?? [],
    warnings: whole.warnings ?? [],
    suggested_actions: whole.suggested_actions ?? [],
    ipr_id: whole.ipr_id ?? null,
    deployment_id: whole.deployment_id ?? null,
    model: whole.model ?? null,
    cost: whole.cost ?? null,
  };
}

/** A turn as the history has it. */
export function remembered(view: TurnView): Turn {
  const answering = view.state === "answering";
  return {
    ...asked(view.id, view.message),
    id: view.id,
    at: view.created_at,
    state: view.state,
    // Of what is still being answered, all comes again with the stream.
    response: answering ? "" : view.response,
    answer: answering ? null : view,
    problem: view.state === "failed" && view.response === "" ? problemOf(REFUSED, view.failure) : null,
  };
}

function withOne(resources: readonly Resource[], one: Resource): Resource[] {
  const others = resources.filter(({ name }) => name !== one.name);
  return others.length === resources.length
    ? [...resources, one]
    : resources.map((old) => (old.name === one.name ? one : old));
}

/** The draft as it stands after all that was said. */
export interface Draft {
  blueprint: Blueprint | null;
  origins: Record<string, Origin>;
  blueprintId: number | null;
  revision: number | null;
  cost: Answer["cost"];
}

const NO_DRAFT: Draft = { blueprint: null, origins: {}, blueprintId: null, revision: null, cost: null };

/** Where the last answer left it, and what has come since of the answer that is on its way. */
export function draftOf(turns: readonly Turn[]): Draft {
  const last = turns.at(-1);
  const before = leftBy(turns);
  if (last?.state !== "answering") return before;
  if (last.blueprint !== null) return { ...before, blueprint: last.blueprint };
  if (last.resources.length === 0) return before;
  const blueprint = before.blueprint ?? { name: "draft", resources: [] };
  return {
    ...before,
    blueprint: { ...blueprint, resources: last.resources.reduce(withOne, blueprint.resources ?? []) },
  };
}

function leftBy(turns: readonly Turn[]): Draft {
  // Only undoing takes a draft away; an answer without one left it as it was.
  const kept = turns.findLast(
    ({ answer }) => answer !== null && (answer.blueprint !== null || answer.intent === "undo"),
  )?.answer;
  if (kept === undefined || kept === null) return NO_DRAFT;
  return {
    blueprint: kept.blueprint,
    origins: kept.origins,
    blueprintId: kept.blueprint_id,
    revision: kept.revision,
    cost: kept.cost,
  };
}

export interface Changes {
  added: string[];
  changed: string[];
  removed: string[];
}

/** What the last turn changed in the draft. */
export function changesOf(turns: readonly Turn[]): Changes {
  const before = draftOf(turns.slice(0, -1)).blueprint?.resources ?? [];
  const after = draftOf(turns).blueprint?.resources ?? [];
  const old = new Map(before.map((resource) => [resource.name, JSON.stringify(resource)]));
  const now = new Set(after.map(({ name }) => name));
  return {
    added: after.filter(({ name }) => !old.has(name)).map(({ name }) => name),
    changed: after
      .filter((resource) => old.has(resource.name) && old.get(resource.name) !== JSON.stringify(resource))
      .map(({ name }) => name),
    removed: before.filter(({ name }) => !now.has(name)).map(({ name }) => name),
  };
}

/** The request that the conversation speaks of last, and the run. */
export function requestOf(turns: readonly Turn[]): number | null {
  return turns.findLast(({ answer }) => answer?.ipr_id != null)?.answer?.ipr_id ?? null;
}
