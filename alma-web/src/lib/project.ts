/** The project one works in. It goes with every request; what it may hold, the server decides. */
import { makeStore, useStore } from "./store";

const KEY = "alma.project";

function remembered(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // a browser that keeps nothing
  }
}

const chosen = makeStore<string | null>(remembered());

/** Null: whichever the server takes for the caller. */
export function currentProject(): string | null {
  return chosen.get();
}

export function chooseProject(id: string | null): void {
  try {
    if (id === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, id);
  } catch {
    // It holds until the page is closed.
  }
  chosen.set(id);
}

export function useProject(): string | null {
  return useStore(chosen);
}
