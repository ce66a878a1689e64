/**
 * Conversations that are going on. They live outside of the pages: an answer goes on while one looks at something else.
 */
import { api } from "@/lib/api/client";
import { asProblem, unreachable, type Problem } from "@/lib/api/problem";
import { changed } from "@/lib/api/queries";
import type { ChatBody, ConversationView } from "@/lib/api/schema";
import { useCaller } from "@/lib/permissions";
import { makeStore, useStore } from "@/lib/store";
import { converse, followTurn, type Piece } from "@/lib/stream";
import { toldProblem } from "@/lib/told";
import { asked, failed, heard, remembered, stopped, type Turn } from "./turns";

export interface Chat {
  turns: Turn[];
  /** Null until the history was read. */
  title: string | null;
  loading: boolean;
  problem: Problem | null;
}

/** When the end of a stopped answer does not come, the page stops listening by itself. */
const STOPS_MS = 4_000;
/** A model that is silent is given up after twenty seconds. */
const BUSY_TRIES = 30;
const BUSY_MS = 1_000;
const AFFECTED = ["conversation", "blueprints", "iprs", "deployments", "stacks"];

export class Talk {
  readonly chat = makeStore<Chat>({ turns: [], title: null, loading: false, problem: null });
  private listening: AbortController | null = null;
  private number = 0;

  constructor(readonly id: string) {}

  /** Reads what was said before, here or elsewhere, and follows what is being answered. */
  async load(): Promise<void> {
    if (this.busy) return;
    this.set({ loading: true, problem: null });
    try {
      this.take(await this.history());
    } catch (error) {
      this.set({ problem: asProblem(error) });
    } finally {
      this.set({ loading: false });
    }
  }

  /** Says the last message once more, unless it was heard after all. */
  async again(): Promise<void> {
    const { last } = this;
    if (last === undefined || this.busy) return;
    try {
      const known = await this.history();
      if (known.turns.at(-1)?.message === last.message && known.turns.at(-1)?.state !== "failed") {
        this.take(known);
        return;
      }
    } catch (error) {
      // A conversation that began with this message is not there yet.
      if (asProblem(error).status !== 404) {
        toldProblem(error);
        return;
      }
    }
    this.say(last.message);
  }

  retitle(title: string): void {
    this.set({ title });
  }

  private async history(): Promise<ConversationView> {
    const params = { path: { conversation_id: this.id } };
    const { data } = await api.GET("/api/v1/conversation/{conversation_id}", { params });
    if (data === undefined) throw unreachable();
    return data;
  }

  private take({ turns, title }: ConversationView): void {
    if (this.busy) return; // something was said meanwhile
    this.set({ turns: turns.map(remembered), title });
    const { last } = this;
    if (last?.state !== "answering" || last.id === null) return;
    const { id } = last;
    void this.listen((signal, cut) => followTurn(id, signal, cut));
  }

  say(message: string): void {
    if (this.busy) return;
    this.number += 1;
    const kept = this.chat.get().turns.filter(wasHeard);
    this.set({ turns: [...kept, asked(`said-${this.number}`, message)] });
    const body = { message, context: { conversation_id: this.id } };
    void this.listen((signal, cut) => saidInTurn(body, signal, cut));
  }

  /** Gives the answer up. What has begun to act is carried to its end, and the stream tells it. */
  async stop(): Promise<void> {
    const { listening, last } = this;
    if (listening === null) return;
    if (last === undefined || last.id === null) {
      listening.abort();
      return;
    }
    const late = setTimeout(() => listening.abort(), STOPS_MS);
    listening.signal.addEventListener("abort", () => clearTimeout(late));
    try {
      await api.POST("/api/v1/conversation/turns/{turn_id}/stop", {
        params: { path: { turn_id: last.id } },
      });
    } catch (error) {
      toldProblem(error);
    }
  }

  get busy(): boolean {
    return this.listening !== null;
  }

  private get last(): Turn | undefined {
    return this.chat.get().turns.at(-1);
  }

  private async listen(
    pieces: (signal: AbortSignal, cut: () => void) => AsyncGenerator<Piece>,
  ): Promise<void> {
    const listening = new AbortController();
    this.listening = listening;
    try {
      for await (const piece of pieces(listening.signal, () =>
        this.change((turn) => ({ ...turn, cut: true })),
      )) {
        this.change((turn) => heard(turn, piece));
      }
    } catch (error) {
      this.change((turn) => failed(turn, asProblem(error)));
    }
    const { last } = this;
    const whole = last?.state !== "answering";
    if (!whole) this.change(stopped);
    listening.abort();
    this.listening = null;
    changed(...AFFECTED.map((noun) => `/api/v1/${noun}`));
    // The end was told before, or not to us: the history knows it.
    if (!whole && last.id !== null) await this.load();
  }

  private change(next: (turn: Turn) => Turn): void {
    const { turns } = this.chat.get();
    this.set({ turns: turns.map((turn, at) => (at === turns.length - 1 ? next(turn) : turn)) });
  }

  private set(facts: Partial<Chat>): void {
    this.chat.set({ ...this.chat.get(), ...facts });
  }
}

/** Says it once the message before is done with: one that was just stopped takes a moment to end. */
async function* saidInTurn(body: ChatBody, signal: AbortSignal, cut: () => void): AsyncGenerator<Piece> {
  for (let left = BUSY_TRIES; ; left -= 1) {
    try {
      yield* converse(body, signal, cut);
      return;
    } catch (error) {
      const { status, facts } = asProblem(error);
      if (status !== 409 || typeof facts.turn_id !== "string" || left === 0 || signal.aborted) throw error;
    }
    yield { type: "progress", content: "waiting until the message before is done with" };
    await new Promise((resolve) => setTimeout(resolve, BUSY_MS));
  }
}

/** What the server refused before it was heard is nowhere but on this page, and goes when it is said again. */
function wasHeard(turn: Turn): boolean {
  return turn.id !== null || turn.state !== "failed";
}

const talks = new Map<string, Talk>();

/** The one of that id; `of` tells whose and in which project, so that nobody sees another's. */
export function talkOf(of: string, id: string): Talk {
  const key = `${of} ${id}`;
  const found = talks.get(key) ?? new Talk(id);
  talks.set(key, found);
  return found;
}

/** Whoever asks, where: part of what names a conversation here. */
export function useWhose(): string {
  const { id, project } = useCaller();
  return `${id} ${project}`;
}

export function useChat(talk: Talk): Chat {
  return useStore(talk.chat);
}

/** An id for a conversation that is about to begin. With one of its own it is about nothing said elsewhere. */
export function freshId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `web-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
