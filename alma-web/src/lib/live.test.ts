import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Gathered, LiveFeed, type Line as Said, type Wire } from "./live";

class Line implements Wire {
  readyState = 1;
  readonly sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: unknown }) => void) | null = null;
  onclose: ((close: { code: number }) => void) | null = null;
  send(text: string) {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close() {
    this.readyState = 3;
    this.onclose?.({ code: 1006 });
  }
  tell(seq: number, id = "d") {
    this.onmessage?.({
      data: JSON.stringify({ type: "log", deployment_id: id, seq, message: `line ${seq}`, time: "" }),
    });
  }
}

let wires: Line[];
let feed: LiveFeed;

beforeEach(() => {
  vi.useFakeTimers();
  wires = [];
  feed = new LiveFeed(() => {
    const wire = new Line();
    wires.push(wire);
    return Promise.resolve(wire);
  });
});

afterEach(() => {
  vi.useRealTimers();
});

async function opened(number: number): Promise<Line> {
  await vi.advanceTimersByTimeAsync(20_000);
  const wire = wires[number];
  if (wire === undefined) throw new Error("not connected");
  wire.onopen?.();
  return wire;
}

it("goes on behind the last line after a break, and tells nothing twice", async () => {
  const heard: number[] = [];
  feed.watch("d", ({ seq }) => heard.push(seq));
  const first = await opened(0);
  first.tell(1);
  first.tell(2);
  first.close();
  const second = await opened(1);
  expect(second.sent).toEqual([{ action: "subscribe", deployment_id: "d", after: 2 }]);
  for (const seq of [2, 3, 4]) second.tell(seq);
  expect(heard).toEqual([1, 2, 3, 4]);
});

it("leaves no gap when a line of everything's comes before the replay of one", async () => {
  const heard: number[] = [];
  const all: number[] = [];
  feed.watchAll(({ seq }) => all.push(seq));
  const wire = await opened(0);
  wire.tell(5);
  feed.watch("d", ({ seq }) => heard.push(seq));
  wire.tell(6); // was on its way when one asked for the beginning
  for (const seq of [1, 2, 3, 4, 5, 6, 7]) wire.tell(seq);
  expect(heard).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(all).toEqual([5, 6, 7]);
});

it("does not take one deployment away from those who follow everything", async () => {
  const stop = feed.watch("d", () => undefined);
  feed.watchAll(() => undefined);
  const wire = await opened(0);
  wire.sent.length = 0;
  stop();
  expect(wire.sent).toEqual([]);
});

it("keeps the connection from one page to the next", async () => {
  const stop = feed.watch("d", () => undefined);
  const wire = await opened(0);
  stop();
  feed.watch("e", () => undefined);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(wire.readyState).toBe(1);
  expect(wires).toHaveLength(1);
});

it("closes when nobody watches any more", async () => {
  const stop = feed.watch("d", () => undefined);
  const wire = await opened(0);
  stop();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(wire.readyState).toBe(3);
  expect(feed.state.get()).toBe("idle");
});

it("is at rest when nobody watches any more while it waits to connect anew", async () => {
  const stop = feed.watch("d", () => undefined);
  const wire = await opened(0);
  wire.close();
  expect(feed.state.get()).toBe("waiting");
  stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(feed.state.get()).toBe("idle");
  expect(wires).toHaveLength(1);
});

it("remembers so many deployments only as fit into a message", async () => {
  feed.watchAll(() => undefined);
  const first = await opened(0);
  for (let number = 0; number < 1_000; number += 1) first.tell(1, `deployment-${number}`);
  first.close();
  const second = await opened(1);
  expect(JSON.stringify(second.sent[0]).length).toBeLessThan(16_000);
  expect(JSON.stringify(second.sent[0])).toContain("deployment-999");
});

function said(seq: number): Said {
  return { type: "log", deployment_id: "d", seq, message: `line ${seq}`, time: "" };
}

it("tells a thousand lines of a log at once, and one that comes alone without waiting", async () => {
  const told: number[] = [];
  const log = new Gathered((lines) => told.push(lines.length));
  log.add(said(1));
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual([1]);
  for (let seq = 2; seq <= 1_001; seq += 1) log.add(said(seq));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(told).toEqual([1, 1_001]);
  log.add(said(1_002));
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual([1, 1_001, 1_002]);
});

it("begins a log anew that is told from its beginning, and tells nothing after its end", async () => {
  const told: number[][] = [];
  const log = new Gathered((lines) => told.push(lines.map(({ seq }) => seq)));
  for (const seq of [1, 2, 1]) log.add(said(seq));
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual([[1]]);
  log.add(said(2));
  log.stop();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(told).toEqual([[1]]);
});
