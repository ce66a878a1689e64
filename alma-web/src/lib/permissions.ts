/** What the caller may do in the project at hand. The server decides anyway: this is so that nothing is offered in vain. */
import type { CallerView, Permission } from "./api/schema";
import { shownTo, useSession } from "./session";

export function mayOf(caller: CallerView, permission: Permission): boolean {
  return caller.permissions.includes(permission);
}

export function useCaller(): CallerView {
  const caller = shownTo(useSession());
  if (caller === null) throw new Error("a page was shown to nobody");
  return caller;
}

export function useMay(permission: Permission): boolean {
  return mayOf(useCaller(), permission);
}
