import { expect, test } from "vitest";
import { columnsOf, currencyOf, headingOf, headOf, isState, shapeOf, told } from "./shape";

const AROUND = { parent: "", currency: "USD" };

test.each([
  [null, "nothing"],
  ["", "nothing"],
  [[], "nothing"],
  [{ a: null, b: [] }, "nothing"],
  [0, "scalar"],
  [false, "scalar"],
  ["one line", "scalar"],
  ["# A runbook\n\nIn lines", "document"],
  [["a", "b"], "texts"],
  [[{ a: 1, b: "x" }, { a: 2 }], "table"],
  [[{ a: 1, b: { c: 2 } }], "records"],
  [[{ a: "long ".repeat(80) }], "records"],
  [[{ a: 1 }, "and a text"], "records"],
  [{ a: 1 }, "facts"],
  [{ name: "shop", resources: [{ name: "web", type: "vm" }] }, "blueprint"],
  // A tier of a sizing names its resources and is no blueprint.
  [{ name: "edge", resources: ["balancer"] }, "facts"],
])("%j is shown as %s", (value, shape) => {
  expect(shapeOf(value)).toBe(shape);
});

test.each<[string, number | string | boolean, string, string]>([
  ["monthly", 486.03, "", "$486.03"],
  ["saving", 186.15, "", "$186.15"],
  ["aws", 3451.39, "monthly_cost", "$3,451.39"],
  ["before", 144.01, "cost", "$144.01"],
  ["before", 2, "differences", "2"],
  ["savings_percentage", 33.89, "", "33.89 %"],
  ["coverage", 0.7143, "", "71.43 %"],
  ["memory_gib", 35.390257835388184, "", "35.39 GiB"],
  ["transfer_seconds", 914.286, "", "15 min 14 s"],
  ["median", 60, "estimated_duration", "1 min 00 s"],
  ["bytes", 80_000_000_000, "", "80 GB"],
  ["waiting_ms", 1.694, "", "1.69 ms"],
  ["requests_per_second", 416.667, "", "416.67 a second"],
  ["met", true, "", "yes"],
  ["instances", 8, "", "8"],
  ["summary", "<b>words</b>", "", "<b>words</b>"],
])("%s %j in %s reads %s", (name, value, parent, text) => {
  expect(told(name, value, { ...AROUND, parent })).toBe(text);
});

test("a currency is the answer's own where it names one", () => {
  expect(currencyOf({ currency: "EUR" })).toBe("EUR");
  expect(currencyOf({ currency: "<script>" })).toBe("USD");
  expect(currencyOf({}, "CHF")).toBe("CHF");
});

test("columns are those with something in them; an entry is called by its title or name", () => {
  expect(
    columnsOf([
      { a: 1, b: null },
      { b: "", c: 2 },
    ]),
  ).toEqual(["a", "c"]);
  expect(headOf({ name: "db", title: "Data store" })).toEqual({ name: "title", text: "Data store" });
  expect(headOf({ cpu: 1 })).toBeNull();
});

test("headings leave the unit to the figure, and names that people gave as they are", () => {
  expect(headingOf("memory_gib")).toBe("Memory");
  expect(headingOf("by_severity")).toBe("By severity");
  expect(headingOf("resources.web-1.name")).toBe("resources.web-1.name");
});

test("a state is a word or two, whatever else stands under its name", () => {
  expect(isState("severity", "critical")).toBe(true);
  expect(isState("status", "not assessable")).toBe(true);
  expect(isState("result", "It went well. Nothing more is to be said.")).toBe(false);
  expect(isState("name", "critical")).toBe(false);
});
