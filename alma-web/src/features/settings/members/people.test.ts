import { expect, test } from "vitest";
import type { CallerView, Membership } from "@/lib/api/schema";
import { peopleOf, within } from "./people";

const held = (principal: string, role: string): Membership => ({
  principal,
  role,
  project: "default",
  granted_by: "local",
  granted_at: "2026-01-01T00:00:00Z",
});

test("a person with several roles is one", () => {
  const people = peopleOf([
    held("user:ada", "admin"),
    held("user:ada", "viewer"),
    held("user:bob", "viewer"),
  ]);
  expect(people.map(({ principal, memberships }) => [principal, memberships.length])).toEqual([
    ["user:ada", 2],
    ["user:bob", 1],
  ]);
});

test("a role that allows more than one may do is not one's to give", () => {
  const caller = { permissions: ["ipr:read", "member:manage"] } as unknown as CallerView;
  expect(within({ permissions: ["ipr:read"] }, caller)).toBe(true);
  expect(within({ permissions: ["ipr:read", "ipr:approve"] }, caller)).toBe(false);
});
