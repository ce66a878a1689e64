/** Calls that a suggestion spells out, made as the person who pressed the button. */
import { fetchOk } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";

export async function called<T>({ path, body }: { path: string; body: unknown }): Promise<T> {
  const answer = await fetchOk(new URL(path, window.location.origin), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  changed("/api/v1/iprs", "/api/v1/deployments", "/api/v1/stacks", "/api/v1/conversation");
  return (await answer.json()) as T;
}
