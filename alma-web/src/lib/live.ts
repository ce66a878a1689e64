/**
 * Deployments as they go: the one place where a WebSocket is opened.
 *
 * One connection for the whole page, opened while anything is watched. After a break it goes on behind the last line that
 * came, so that nothing is missed and nothing comes twice; a connection that has gone quiet is given up.
 */
import { useEffect, useState } from "react";
import type { Event } from "./api/schema";
import { bearer, ended, renew } from "./session";
import { currentProject } from "./project";
import { makeStore, useStore } from "./store";

export type Line = Omit<Event, "data"> & { data?: Event["data"] };
export type LiveState = "idle" | "connecting" | "open" | "waiting";
type Listener = (line: Line) => void;

/** The server says something every 15 seconds. */
const QUIET_MS = 40_000;
const LONGEST_WAIT_MS = 15_000;
const SIGNED_OUT = 4401;
const GONE = 1006;
/** Between two pages that both watch, nobody does for a moment. */
const LINGER_MS = 5_000;
/** More would not fit into one message. Those that were heard of last matter. */
const MOST_REMEMBERED = 200;
const LINES = new Set(["status_change", "progress", "log", "error", "complete"]);

export interface Wire {
  readyState: number;
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((message: { data: unknown }) => void) | null;
  onclose: ((close: { code: number }) => void) | null;
}

async function openWire(): Promise<Wire> {
  const url = new URL("/ws/deployments", window.location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const project = currentProject();
  if (project !== null) url.searchParams.set("project", project);
  const token = await bearer();
  const socket = new WebSocket(url, token === null ? ["alma"] : ["alma", `alma.bearer.${token}`]);
  return socket as unknown as Wire;
}

export class LiveFeed {
  readonly state = makeStore<LiveState>("idle");
  private readonly watched = new Map<string, { listeners: Set<Listener>; lines: Line[] }>();
  private readonly everything = new Set<Listener>();
  /** The last line of each deployment that those who follow everything were told. */
  private readonly last = new Map<string, number>();
  private wire: Wire | null = null;
  private failures = 0;
  private quiet: ReturnType<typeof setTimeout> | undefined;
  private again: ReturnType<typeof setTimeout> | undefined;
  private leaving: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly open: () => Promise<Wire> = openWire) {}

  /** Follows one deployment from its first line on; answers with how to stop. */
  watch(id: string, listener: Listener): () => void {
    const known = this.watched.get(id);
    const { listeners, lines } = known ?? { listeners: new Set<Listener>(), lines: [] };
    listeners.add(listener);
    if (known === undefined) {
      this.watched.set(id, { listeners, lines });
      this.say({ action: "subscribe", deployment_id: id, after: 0 });
    }
    for (const line of lines) listener(line); // what the others have seen already
    this.connect();
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0) return;
      this.watched.delete(id);
      // Whoever follows everything follows this one, too.
      if (this.everything.size === 0) this.say({ action: "unsubscribe", deployment_id: id });
      this.leaveIfIdle();
    };
  }

  /** Follows whatever happens from now on in the project. */
  watchAll(listener: Listener): () => void {
    this.everything.add(listener);
    if (this.everything.size === 1) this.say({ action: "subscribe" });
    this.connect();
    return () => {
      this.everything.delete(listener);
      if (this.everything.size > 0) return;
      this.last.clear();
      this.say({ action: "unsubscribe" });
      this.followWatched();
      this.leaveIfIdle();
    };
  }

  /** Connects anew: the caller or the project is another one. */
  restart(): void {
    this.last.clear();
    for (const { lines } of this.watched.values()) lines.length = 0;
    if (this.wire === null)
      this.connect(); // the sign-in had ended, and is there again
    else this.wire.close();
  }

  private get wanted(): boolean {
    return this.watched.size > 0 || this.everything.size > 0;
  }

  private say(message: object): void {
    if (this.wire?.readyState === 1) this.wire.send(JSON.stringify(message));
  }

  private connect(): void {
    if (!this.wanted) return;
    clearTimeout(this.leaving);
    if (this.wire !== null || this.state.get() === "connecting") return;
    clearTimeout(this.again);
    this.state.set("connecting");
    this.open().then(
      (wire) => this.use(wire),
      () => this.wait(),
    );
  }

  private use(wire: Wire): void {
    this.wire = wire;
    this.heard(); // one that is never accepted is given up as well
    wire.onopen = () => {
      this.failures = 0;
      this.state.set("open");
      this.heard();
      if (this.everything.size > 0) {
        this.say({
          action: "subscribe",
          ...(this.last.size > 0
            ? { after: Object.fromEntries([...this.last].slice(-MOST_REMEMBERED)) }
            : {}),
        });
      }
      this.followWatched();
    };
    wire.onmessage = ({ data }) => {
      this.heard();
      this.take(String(data));
    };
    wire.onclose = ({ code }) => {
      this.closed(code);
    };
  }

  private followWatched(): void {
    for (const [id, { lines }] of this.watched) {
      this.say({ action: "subscribe", deployment_id: id, after: lines.at(-1)?.seq ?? 0 });
    }
  }

  private take(text: string): void {
    const said = readLine(text);
    const { deployment_id: id, seq, type } = said;
    if (id === undefined || seq === undefined || type === undefined || !LINES.has(type)) return;
    const line = said as Line;
    const watched = this.watched.get(id);
    // One that is ahead came by the other subscription: those before it are on their way, and then it comes again.
    if (watched !== undefined && seq === (watched.lines.at(-1)?.seq ?? 0) + 1) {
      watched.lines.push(line);
      for (const listener of [...watched.listeners]) listener(line);
    }
    if (seq > (this.last.get(id) ?? 0)) this.tellAll(line);
  }

  private tellAll(line: Line): void {
    if (this.everything.size === 0) return;
    this.last.delete(line.deployment_id); // the newest is at the end
    this.last.set(line.deployment_id, line.seq);
    for (const listener of [...this.everything]) listener(line);
  }

  private heard(): void {
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => this.giveUp(), QUIET_MS);
  }

  /** Without waiting for the other side's farewell, which may take a minute when it is no longer there. */
  private giveUp(): void {
    const wire = this.wire;
    if (wire === null) return;
    wire.onopen = wire.onmessage = wire.onclose = null;
    wire.close();
    this.closed(GONE);
  }

  private closed(code: number): void {
    clearTimeout(this.quiet);
    this.wire = null;
    if (code !== SIGNED_OUT) {
      this.wait();
      return;
    }
    renew().then(
      (more) => (more ? this.wait() : ended("Your sign-in has ended.")),
      () => this.wait(),
    );
  }

  private wait(): void {
    if (!this.wanted) {
      this.state.set("idle");
      return;
    }
    this.state.set("waiting");
    this.failures += 1;
    const longest = Math.min(LONGEST_WAIT_MS, 500 * 2 ** this.failures);
    clearTimeout(this.again);
    // Not all pages at once after a restart of the server.
    this.again = setTimeout(() => this.connect(), longest * (0.5 + Math.random() / 2));
  }

  private leaveIfIdle(): void {
    if (this.wanted) return;
    clearTimeout(this.leaving);
    this.leaving = setTimeout(() => {
      clearTimeout(this.again);
      this.state.set("idle");
      this.wire?.close();
    }, LINGER_MS);
  }
}

/** What a server or something in between said; what is no line has nothing of one. */
function readLine(text: string): Partial<Line> {
  try {
    const said: unknown = JSON.parse(text);
    return typeof said === "object" && said !== null ? said : {};
  } catch {
    return {};
  }
}

/** As often as that, a log that comes in a torrent changes the page. Who reads sees it grow all the same. */
const GATHERING_MS = 200;

/** The lines of one log, told on together: a thousand at once are one change of the page. What comes alone is told at once. */
export class Gathered {
  private readonly lines: Line[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private told = -Infinity;

  constructor(private readonly tell: (lines: Line[]) => void) {}

  add(line: Line): void {
    if (line.seq <= (this.lines.at(-1)?.seq ?? 0)) this.lines.length = 0; // told anew from its beginning
    this.lines.push(line);
    this.timer ??= setTimeout(
      () => {
        this.timer = undefined;
        this.told = Date.now();
        this.tell([...this.lines]);
      },
      Math.max(0, this.told + GATHERING_MS - Date.now()),
    );
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}

export const live = new LiveFeed();

export function useLiveState(): LiveState {
  return useStore(live.state);
}

/** The log of one deployment, from its beginning, growing as it goes. Null follows nothing. */
export function useDeploymentLog(id: string | null): Line[] {
  const [log, setLog] = useState<{ id: string | null; lines: Line[] }>({ id, lines: [] });
  useEffect(() => {
    if (id === null) return;
    const log = new Gathered((lines) => setLog({ id, lines }));
    const stop = live.watch(id, (line) => log.add(line));
    return () => {
      stop();
      log.stop();
    };
  }, [id]);
  return log.id === id ? log.lines : [];
}

/** Calls back for each line of any deployment of the project. `listener` is to be a stable function. */
export function useActivity(listener: Listener): void {
  useEffect(() => live.watchAll(listener), [listener]);
}
