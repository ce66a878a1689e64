/** How answers are kept and asked for again. */
import { QueryClient } from "@tanstack/react-query";
import { asProblem } from "./problem";

const LONGEST_MS = 30_000;
const AGAIN_MS = 5_000;

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // A browser that thinks it is offline may still reach a server nearby; where it can't, that is to be said.
      networkMode: "always",
      staleTime: 5_000,
      // What passes by itself is tried again, with what the server asked for in between; what was refused is shown.
      retry: (count, error) => asProblem(error).passing && count < 3,
      retryDelay: (count, error) => (asProblem(error).retryAfter ?? 2 ** count) * 1_000,
      refetchOnWindowFocus: true,
      refetchOnReconnect: true,
      // What nobody answered is there again when somebody does.
      refetchInterval: ({ state: { error } }) => isAway(error) && AGAIN_MS,
    },
    mutations: { networkMode: "always", retry: false },
  },
});

/** For what is asked again and again: slower the more often it failed, unless nobody is there; not while the page is hidden. */
export function every(seconds: number) {
  return ({ state: { error, fetchFailureCount } }: Asked): number =>
    isAway(error)
      ? AGAIN_MS
      : Math.min(seconds * 1_000 * 2 ** fetchFailureCount, Math.max(LONGEST_MS, seconds * 1_000));
}

interface Asked {
  state: { error: unknown; fetchFailureCount: number };
}

function isAway(error: unknown): boolean {
  return error !== null && asProblem(error).away;
}

/** Whatever of these paths is on the page is asked for anew. */
export function changed(...prefixes: string[]): void {
  void queries.invalidateQueries({
    predicate: ({ queryKey }) => prefixes.some((prefix) => String(queryKey[1]).startsWith(prefix)),
  });
}

/** Nothing that was read so far passes for new: it is asked for anew where it is shown next. */
export function outdated(): void {
  void queries.invalidateQueries({ refetchType: "none" });
}
