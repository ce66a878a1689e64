/** How answers are kept and asked for again. */
import { QueryClient } from "@tanstack/react-query";
import { asProblem } from "./problem";

const LONGEST_MS = 30_000;

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What passes by itself is tried again, with what the server asked for in between; what was refused is shown.
      retry: (count, error) => asProblem(error).passing && count < 3,
      retryDelay: (count, error) => (asProblem(error).retryAfter ?? 2 ** count) * 1_000,
      refetchOnWindowFocus: true,
    },
    mutations: { retry: false },
  },
});

/** For what is asked again and again: slower the more often it failed, and not while the page is hidden. */
export function every(seconds: number) {
  return (query: { state: { fetchFailureCount: number } }): number =>
    Math.min(seconds * 1_000 * 2 ** query.state.fetchFailureCount, Math.max(LONGEST_MS, seconds * 1_000));
}

/** Whatever of these paths is on the page is asked for anew. */
export function changed(...prefixes: string[]): void {
  void queries.invalidateQueries({
    predicate: ({ queryKey }) => prefixes.some((prefix) => String(queryKey[1]).startsWith(prefix)),
  });
}
