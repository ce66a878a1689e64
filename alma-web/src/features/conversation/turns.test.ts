import { describe, expect, it } from "vitest";
import { Problem } from "@/lib/api/problem";
import type { Resource, TurnView } from "@/lib/api/schema";
import type { Piece } from "@/lib/stream";
import { asked, changesOf, draftOf, failed, heard, remembered, requestOf, type Turn } from "./turns";

const vm = (name: string, memory = "4GB"): Resource => ({ name, type: "vm", specs: { memory } });
const told = (turn: Turn, ...pieces: Piece[]) => pieces.reduce(heard, turn);
const complete = (resources: Resource[] | null, more: object = {}) => ({
  type: "complete" as const,
  intent: "change",
  response: "Done.",
  blueprint: resources === null ? null : { name: "shop", resources },
  links: {},
  ...more,
});

describe("an answer as it comes", () => {
  it("knows its turn from the first piece on, and says what is being done", () => {
    const turn = told(
      asked("k", "hello"),
      { type: "thinking", content: "reading", turn_id: "t1" },
      { type: "progress", content: "planning" },
    );
    expect([turn.id, turn.progress, turn.state]).toEqual(["t1", ["reading", "planning"], "answering"]);
  });

  it("puts tokens together, and takes them back when it begins anew", () => {
    const turn = told(
      asked("k", "hello"),
      { type: "token", content: "I thi" },
      { type: "progress", content: "once more", restart: true },
      { type: "token", content: "Here " },
      { type: "token", content: "it is." },
    );
    expect(turn.response).toBe("Here it is.");
  });

  it("is the whole answer in the end, whatever came before", () => {
    const turn = told(asked("k", "hello"), { type: "token", content: "Do" }, complete([vm("a")]));
    expect([turn.state, turn.response]).toEqual(["answered", "Done."]);
    expect(turn.answer?.understood).toEqual([]);
  });

  it("goes on after a break", () => {
    const turn = told({ ...asked("k", "x"), cut: true }, { type: "token", content: "a" });
    expect(turn.cut).toBe(false);
  });

  it("keeps what the server says against it, with its hint", () => {
    const turn = told(asked("k", "x"), {
      type: "error",
      content: "no",
      detail: "over the limit",
      hint: "raise it",
    });
    expect(turn.state).toBe("failed");
    expect([turn.problem?.message, turn.problem?.hint]).toEqual(["over the limit", "raise it"]);
  });

  it("is no failure when it was stopped", () => {
    const turn = failed(asked("k", "x"), new Problem("stopped", { code: "turn_stopped" }));
    expect([turn.state, turn.problem]).toEqual(["stopped", null]);
  });
});

describe("the draft", () => {
  const first = told(asked("1", "a"), complete([vm("a"), vm("b")]));

  it("grows with each resource that comes, before the answer is there", () => {
    const second = told(
      asked("2", "more"),
      { type: "resource", resource: vm("b", "8GB") },
      { type: "resource", resource: vm("c") },
    );
    const drawn = draftOf([first, second]).blueprint?.resources ?? [];
    expect(drawn.map(({ name, specs }) => [name, specs?.memory])).toEqual([
      ["a", "4GB"],
      ["b", "8GB"],
      ["c", "4GB"],
    ]);
  });

  it("stays as it was when an answer fails or is not understood", () => {
    const lost = failed(asked("2", "x"), new Problem("gone"));
    const unknown = told(asked("3", "?"), complete(null, { intent: "unknown" }));
    expect(draftOf([first, lost, unknown]).blueprint?.name).toBe("shop");
  });

  it("says what the last turn added, changed and removed", () => {
    const second = told(asked("2", "x"), complete([vm("b", "8GB"), vm("c")]));
    expect(changesOf([first, second])).toEqual({ added: ["c"], changed: ["b"], removed: ["a"] });
    expect(changesOf([first, second, told(asked("3", "?"), complete([vm("b", "8GB"), vm("c")]))])).toEqual({
      added: [],
      changed: [],
      removed: [],
    });
  });
});

describe("history", () => {
  const view = {
    id: "t1",
    state: "answered",
    message: "hi",
    response: "Hello",
    created_at: "2030-01-01T00:00:00Z",
    ipr_id: 7,
    blueprint: null,
  } as unknown as TurnView;

  it("looks as it did when it was answered", () => {
    const turn = remembered(view);
    expect([turn.id, turn.response, turn.answer?.ipr_id]).toEqual(["t1", "Hello", 7]);
    expect(requestOf([turn, asked("2", "and?")])).toBe(7);
  });

  it("leaves what is still being answered to the stream", () => {
    const turn = remembered({ ...view, state: "answering", response: "I am at it" });
    expect([turn.state, turn.response, turn.answer]).toEqual(["answering", "", null]);
  });
});
