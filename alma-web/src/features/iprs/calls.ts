/** What is done with a request: always with the version that was looked at, so that nothing is decided blindly. */
import { useQueryClient } from "@tanstack/react-query";
import { $api } from "@/lib/api/client";
import { asProblem } from "@/lib/api/problem";
import { changed } from "@/lib/api/queries";
import type { IprView } from "@/lib/api/schema";

const ONE = "/api/v1/iprs/{ipr_id}";

/** One request, asked for again while something may happen to it. */
export function requestQuery(id: number) {
  return $api.queryOptions("get", ONE, { params: { path: { ipr_id: id } } });
}

/** Where a call names what it was made on. */
export function asSeen({ id, version }: Pick<IprView, "id" | "version">) {
  return { path: { ipr_id: id }, header: { "if-match": `"${version}"` } };
}

/** Whether somebody was faster, or the world moved: what is on the page is not how it is any more. */
export function isOvertaken(error: unknown): boolean {
  const { status, code } = asProblem(error);
  return status === 412 || (status === 409 && code !== "plan_stale") || status === 404;
}

/** What moved, in the server's words, where a plan is not the one that was approved. */
export function differencesIn(error: unknown): string[] {
  const { differences } = asProblem(error).facts;
  return Array.isArray(differences) ? differences.filter((item) => typeof item === "string") : [];
}

export function isStale(error: unknown): boolean {
  return asProblem(error).code === "plan_stale";
}

/** Takes an answer as how the request is now, and has whatever depends on it asked for anew. */
export function useTaken(): (ipr: IprView) => void {
  const client = useQueryClient();
  return (ipr) => {
    client.setQueryData(requestQuery(ipr.id).queryKey, ipr);
    changed("/api/v1/iprs", "/api/v1/deployments", "/api/v1/stacks");
  };
}

/** Asks for all of it anew, after a refusal. */
export function lookAgain(error: unknown): void {
  if (isOvertaken(error) || isStale(error)) changed("/api/v1/iprs");
}
