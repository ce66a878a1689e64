/** The one connection for live events, as networks and servers treat it. What is told over it: live.test.ts. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LiveFeed, type Wire } from "./live";
import * as session from "./session";

class Scripted implements Wire {
  readyState = 0;
  readonly sent: unknown[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: unknown }) => void) | null = null;
  onclose: ((close: { code: number }) => void) | null = null;
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.lose(1000);
  }
  accept() {
    this.readyState = 1;
    this.onopen?.();
  }
  lose(code = 1006) {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.({ code });
  }
  say(text: string) {
    this.onmessage?.({ data: text });
  }
}

let wires: Scripted[];
let refused: number;
let feed: LiveFeed;

beforeEach(() => {
  vi.useFakeTimers();
  wires = [];
  refused = 0;
  feed = new LiveFeed(() => {
    if (refused > 0) {
      refused -= 1;
      return Promise.reject(new Error("no token"));
    }
    const wire = new Scripted();
    wires.push(wire);
    return Promise.resolve(wire);
  });
});

afterEach(() => {
  vi.useRealTimers();
});

const soon = () => vi.advanceTimersByTimeAsync(0);
const later = () => vi.advanceTimersByTimeAsync(15_000);
const last = () => wires.at(-1) ?? new Scripted();

async function watching(): Promise<Scripted> {
  feed.watch("d", () => undefined);
  await soon();
  last().accept();
  return last();
}

describe("a lost connection", () => {
  it("is said, made again, and said to be there", async () => {
    const wire = await watching();
    expect(feed.state.get()).toBe("open");
    wire.lose();
    expect(feed.state.get()).toBe("waiting");
    await later();
    last().accept();
    expect(feed.state.get()).toBe("open");
    expect(wires).toHaveLength(2);
  });

  it("is tried for less and less often while the server stays away, and never given up", async () => {
    (await watching()).lose();
    const before = wires.length;
    for (let minute = 0; minute < 60; minute += 1) {
      await vi.advanceTimersByTimeAsync(1_000);
      last().lose();
    }
    const tries = wires.length - before;
    expect(tries).toBeGreaterThan(4);
    expect(tries).toBeLessThan(20);
    await later();
    last().accept();
    expect(feed.state.get()).toBe("open");
  });

  it("begins with short waits again after it was there", async () => {
    (await watching()).lose();
    for (let time = 0; time < 6; time += 1) {
      await later();
      last().lose();
    }
    await later();
    last().accept();
    const before = wires.length;
    last().lose();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(wires.length).toBe(before + 1);
  });

  it("is not made again for nobody", async () => {
    const stop = feed.watch("d", () => undefined);
    await soon();
    last().accept();
    stop();
    last().lose();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(wires).toHaveLength(1);
    expect(feed.state.get()).toBe("idle");
  });
});

describe("a connection that says nothing", () => {
  it("is given up and made again", async () => {
    const wire = await watching();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(wire.readyState).toBe(3);
    expect(wires.length).toBeGreaterThan(1);
  });

  it("is kept as long as the server gives a sign of life", async () => {
    const wire = await watching();
    for (let time = 0; time < 20; time += 1) {
      await vi.advanceTimersByTimeAsync(15_000);
      wire.say(JSON.stringify({ type: "heartbeat" }));
    }
    expect(wires).toHaveLength(1);
  });

  it("is given up, too, when it never was accepted", async () => {
    feed.watch("d", () => undefined);
    await soon();
    const wire = last();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(wire.readyState).toBe(3);
    expect(wires.length).toBeGreaterThan(1);
  });
});

describe("a sign-in that has ended", () => {
  it("is renewed, and the connection goes on", async () => {
    const renew = vi.spyOn(session, "renew").mockResolvedValue(true);
    (await watching()).lose(4401);
    await later();
    last().accept();
    expect(renew).toHaveBeenCalledOnce();
    expect(feed.state.get()).toBe("open");
  });

  it("that can't be renewed is told, and nothing is tried behind it", async () => {
    vi.spyOn(session, "renew").mockResolvedValue(false);
    const ended = vi.spyOn(session, "ended").mockReturnValue(undefined);
    (await watching()).lose(4401);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ended).toHaveBeenCalledOnce();
    expect(wires).toHaveLength(1);
  });

  it("is asked about again where nobody answers", async () => {
    vi.spyOn(session, "renew").mockRejectedValueOnce(new TypeError("down"));
    (await watching()).lose(4401);
    await later();
    expect(wires).toHaveLength(2);
  });
});

describe("what is no line", () => {
  it("breaks nothing", async () => {
    const heard: unknown[] = [];
    feed.watch("d", (line) => heard.push(line));
    await soon();
    const wire = last();
    wire.accept();
    for (const text of ["", "<html>", "null", "7", "[]", '{"type":"log"}']) wire.say(text);
    wire.say(JSON.stringify({ type: "strange", deployment_id: "d", seq: 1 }));
    wire.say(JSON.stringify({ type: "log", deployment_id: "d", seq: 1, message: "one", time: "" }));
    expect(heard).toHaveLength(1);
  });
});

it("tries again when there could be no beginning", async () => {
  refused = 2;
  feed.watch("d", () => undefined);
  await soon();
  expect(feed.state.get()).toBe("waiting");
  await vi.advanceTimersByTimeAsync(30_000);
  expect(wires).toHaveLength(1);
});

it("opens one connection for all", async () => {
  for (const id of ["a", "b", "c"]) feed.watch(id, () => undefined);
  feed.watchAll(() => undefined);
  await soon();
  last().accept();
  expect(wires).toHaveLength(1);
  expect(last().sent).toHaveLength(4);
});

it("leaves none open that nobody wants any more when it is there", async () => {
  let opened: (wire: Wire) => void = () => undefined;
  feed = new LiveFeed(() => new Promise((resolve) => (opened = resolve)));
  const stop = feed.watch("d", () => undefined);
  stop();
  await vi.advanceTimersByTimeAsync(60_000);
  const wire = new Scripted();
  opened(wire);
  await soon();
  wire.accept();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(wire.readyState).toBe(3);
  expect(feed.state.get()).toBe("idle");
});
