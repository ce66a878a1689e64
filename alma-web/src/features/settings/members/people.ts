import type { CallerView, Membership, RoleView } from "@/lib/api/schema";

export interface Person {
  principal: string;
  memberships: Membership[];
}

/** Everybody with all they hold, in the order they came. */
export function peopleOf(memberships: readonly Membership[]): Person[] {
  const people = new Map<string, Membership[]>();
  for (const membership of memberships) {
    const held = people.get(membership.principal) ?? [];
    people.set(membership.principal, [...held, membership]);
  }
  return [...people].map(([principal, held]) => ({ principal, memberships: held }));
}

/** Nobody grants, changes or takes a role that allows more than they may do themselves. */
export function within(role: Pick<RoleView, "permissions">, caller: CallerView): boolean {
  return role.permissions.every((permission) => caller.permissions.includes(permission));
}
