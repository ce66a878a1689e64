/** A conversation's answer over networks that break; the server's side is played by fetch. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "./api/problem";
import { converse, type Piece } from "./stream";

type Answer = Response | Error;

let answers: Answer[];
let asked: Request[];

beforeEach(() => {
  vi.useFakeTimers();
  answers = [];
  asked = [];
  vi.stubGlobal("fetch", (request: Request) => {
    asked.push(request);
    const next = answers.shift() ?? new TypeError("nobody there");
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const event = (id: number, piece: object) => `id: ${id}\ndata: ${JSON.stringify(piece)}\n\n`;

/** An answer of these parts, which ends well or breaks. */
function streaming(parts: string[], broken = false): Response {
  const bytes = new TextEncoder();
  return new Response(
    new ReadableStream({
      start(controller) {
        for (const part of parts) controller.enqueue(bytes.encode(part));
      },
      pull(controller) {
        if (broken) controller.error(new TypeError("cut"));
        else controller.close();
      },
    }),
    { headers: { "Content-Type": "text/event-stream" } },
  );
}

async function heard(signal = new AbortController().signal): Promise<Piece[]> {
  const pieces: Piece[] = [];
  const all = (async () => {
    for await (const piece of converse({ message: "hello" }, signal)) pieces.push(piece);
    return pieces;
  })();
  all.catch(() => undefined);
  await vi.runAllTimersAsync();
  return all;
}

const said = (pieces: Piece[]) => pieces.map(({ content, type }) => content ?? type);

describe("an answer", () => {
  it("is told piece by piece, wherever the network cut it", async () => {
    const text = event(1, { type: "token", content: "größe" }) + event(2, { type: "complete" });
    answers = [streaming(Array.from(text))];
    expect(said(await heard())).toEqual(["größe", "complete"]);
  });

  it("that breaks goes on behind the last piece, and is not asked for twice", async () => {
    answers = [
      streaming([event(1, { type: "token", content: "a", turn_id: "t/1" })], true),
      new TypeError("still away"),
      streaming([event(2, { type: "token", content: "b" }), event(3, { type: "complete" })]),
    ];
    expect(said(await heard())).toEqual(["a", "b", "complete"]);
    expect(asked.map(({ method }) => method)).toEqual(["POST", "GET", "GET"]);
    expect(asked.at(-1)?.url).toContain("/turns/t%2F1/events");
    expect(asked.at(-1)?.headers.get("Last-Event-ID")).toBe("1");
  });

  it("that ends too early is followed as one that broke", async () => {
    answers = [
      streaming([event(1, { type: "token", content: "a", turn_id: "t" })]),
      streaming([event(2, { type: "complete" })]),
    ];
    expect(said(await heard())).toEqual(["a", "complete"]);
  });

  it("that is cut before its first word is not asked for again", async () => {
    answers = [streaming([], true)];
    await expect(heard()).rejects.toMatchObject({ code: "unreachable" });
    expect(asked).toHaveLength(1);
  });

  it("that never comes back is given up", async () => {
    answers = [streaming([event(1, { type: "token", content: "a", turn_id: "t" })], true)];
    await expect(heard()).rejects.toBeInstanceOf(Problem);
    expect(asked.length).toBeLessThan(12);
  });

  it("that the server has lost is told as the server tells it", async () => {
    answers = [
      streaming([event(1, { type: "token", content: "a", turn_id: "t" })], true),
      Response.json({ detail: "There is no such turn", code: "not_found" }, { status: 404 }),
    ];
    await expect(heard()).rejects.toMatchObject({ message: "There is no such turn" });
  });

  it("that says nothing readable in between goes on", async () => {
    answers = [
      streaming([
        event(1, { type: "token", content: "a", turn_id: "t" }),
        ": still here\n\n",
        "data: <html>\n\n",
        event(2, { type: "complete" }),
      ]),
    ];
    expect(said(await heard())).toEqual(["a", "complete"]);
  });
});

describe("what was refused", () => {
  it("is told with the server's hint", async () => {
    answers = [Response.json({ detail: "Too long", hint: "Say less" }, { status: 413 })];
    await expect(heard()).rejects.toMatchObject({ message: "Too long", hint: "Say less", status: 413 });
  });

  it("by a proxy's page is told in our words", async () => {
    answers = [new Response("<html>Bad gateway</html>", { status: 502 })];
    await expect(heard()).rejects.toMatchObject({ message: "The server in between had no answer" });
  });
});

it("ends without a word when it is stopped", async () => {
  const stopping = new AbortController();
  answers = [streaming([event(1, { type: "token", content: "a", turn_id: "t" })], true)];
  setTimeout(() => stopping.abort(), 300);
  expect(said(await heard(stopping.signal))).toEqual(["a"]);
});
