import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { CallerView, Permission } from "@/lib/api/schema";
import { meaningOf, PERMISSIONS, purposeOf } from "./access";
import { offeredTo, SECTIONS } from "./sections";

interface Document {
  components: { schemas: { Permission: { enum: Permission[] } } };
}

const path = join(import.meta.dirname, "../../../openapi.json");
const ALL = (JSON.parse(readFileSync(path, "utf8")) as Document).components.schemas.Permission.enum;

function caller(permissions: Permission[], more: Partial<CallerView> = {}): CallerView {
  return {
    id: "user:ada",
    display: null,
    kind: "user",
    administrator: false,
    owner: null,
    project: "default",
    roles: [],
    projects: {},
    permissions,
    ...more,
  };
}

function ids(who: CallerView): string[] {
  return offeredTo(who).map(({ id }) => id);
}

test("every permission that the API knows is explained, once", () => {
  const explained = PERMISSIONS.flatMap(({ permissions }) => permissions.map(([permission]) => permission));
  expect([...explained].sort()).toEqual([...ALL].sort());
  for (const permission of ALL) expect(meaningOf(permission)).not.toBe(permission);
});

test("the roles that every project has are explained, and those of people are not guessed at", () => {
  for (const role of ["viewer", "editor", "approver", "operator", "admin"]) {
    expect(purposeOf(role)).not.toBeNull();
  }
  expect(purposeOf("security")).toBeNull();
});

test("sections are offered to who may use them", () => {
  expect(ids(caller([]))).toEqual(["prices", "account", "about"]);
  expect(ids(caller(["audit:read"]))).toContain("audit");
  expect(ids(caller(["key:manage"]))).toContain("keys");
  expect(ids(caller(ALL))).not.toContain("accounts");
  expect(ids(caller(ALL, { administrator: true }))).toEqual(SECTIONS.map(({ id }) => id));
});

test("only a person has an account of their own", () => {
  expect(ids(caller(ALL, { kind: "local", administrator: true }))).not.toContain("account");
});
