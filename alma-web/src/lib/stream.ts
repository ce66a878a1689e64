/** Answers that come piece by piece (server-sent events), and go on where they were after a break. */
import { createParser } from "eventsource-parser";
import { asCaller } from "./api/client";
import { asProblem, problemOf, type Problem } from "./api/problem";
import type { Blueprint, ChatBody, ChatView, Resource } from "./api/schema";

export interface Piece {
  type: "thinking" | "progress" | "resource" | "blueprint" | "token" | "warning" | "complete" | "error";
  content?: string;
  turn_id?: string;
  conversation_id?: string;
  resource?: Resource;
  blueprint?: Blueprint | null;
  /** The tokens so far are taken back. */
  restart?: boolean;
  [more: string]: unknown;
}

export type Complete = Piece & ChatView;

const TRIES = 8;

/** Says something, and yields what is answered, to its end. Throws a `Problem` for what was refused. `cut` is called
 * whenever the connection broke and is made again. */
export function converse(body: ChatBody, signal: AbortSignal, cut?: () => void): AsyncGenerator<Piece> {
  return toTheEnd({ begin: () => ask(body, signal), turn: null, signal, cut });
}

/** Yields the answer to what was said before, by another page or before this one was loaded anew. */
export function followTurn(turn: string, signal: AbortSignal, cut?: () => void): AsyncGenerator<Piece> {
  return toTheEnd({ begin: () => follow(turn, null, signal), turn, signal, cut });
}

interface Talk {
  begin: () => Promise<Response>;
  turn: string | null;
  signal: AbortSignal;
  cut?: () => void;
}

async function* toTheEnd({ begin, turn, signal, cut }: Talk): AsyncGenerator<Piece> {
  let last: string | null = null;
  let failures = 0;
  for (;;) {
    try {
      const response: Response = turn === null ? await begin() : await follow(turn, last, signal);
      if (response.status === 204) return;
      for await (const { id, piece } of piecesOf(response)) {
        failures = 0;
        if (id !== null) last = id;
        if (piece.turn_id !== undefined) turn = piece.turn_id;
        // An error without an id is about the connection, and no part of what is told.
        if (piece.type === "error" && id === null) break;
        yield piece;
        if (piece.type === "complete" || piece.type === "error") return;
      }
    } catch (error) {
      if (signal.aborted) return;
      const problem = asProblem(error);
      // What was never heard is not said twice: only an answer that has begun is followed again.
      if (turn === null || !problem.passing) throw problem;
    }
    failures += 1;
    if (turn === null || failures > TRIES) throw cutOff();
    cut?.();
    await pause(Math.min(8_000, 250 * 2 ** failures), signal);
    if (signal.aborted) return;
  }
}

function cutOff(): Problem {
  return asProblem(new TypeError("cut off"));
}

function ask(body: ChatBody, signal: AbortSignal): Promise<Response> {
  return streamed(
    asCaller(new URL("/api/v1/conversation/chat-stream", window.location.origin), {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
      body: JSON.stringify(body),
      signal,
    }),
  );
}

function follow(turn: string, last: string | null, signal: AbortSignal): Promise<Response> {
  return streamed(
    asCaller(
      new URL(`/api/v1/conversation/turns/${encodeURIComponent(turn)}/events`, window.location.origin),
      {
        headers: { Accept: "text/event-stream", ...(last !== null ? { "Last-Event-ID": last } : {}) },
        signal,
      },
    ),
  );
}

async function streamed(asking: Promise<Response>): Promise<Response> {
  const response = await asking;
  if (!response.ok) throw problemOf(response, await response.json().catch(() => null));
  return response;
}

/** The events of an answer, as they come: their ids, and their data read as JSON. */
export async function* piecesOf(response: Response): AsyncGenerator<{ id: string | null; piece: Piece }> {
  if (response.body === null) return;
  const ready: { id: string | null; piece: Piece }[] = [];
  const parser = createParser({
    onEvent({ id, data }) {
      const piece = readPiece(data);
      if (piece !== null) ready.push({ id: id ?? null, piece });
    },
  });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    parser.feed(value);
    yield* ready.splice(0);
  }
}

/** Null for what is none: something in between may write into the stream. */
function readPiece(data: string): Piece | null {
  try {
    const said: unknown = JSON.parse(data);
    return typeof said === "object" && said !== null ? (said as Piece) : null;
  } catch {
    return null;
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
