/** Calls of the API, typed by its OpenAPI document. Every failure is thrown as a `Problem`. */
import createFetchClient from "openapi-fetch";
import createClient from "openapi-react-query";
import { backIn, credentials, ended, isSomebodyElse, renew, sessionNow } from "../session";
import { Problem, problemOf, unreachable } from "./problem";
import type { paths } from "./schema";

/**
 * `fetch` as the caller, who may have been given a new token meanwhile. For what is no JSON, too: streams, files. What was
 * asked when the sign-in had ended is asked again as soon as the same person is back: the server has done nothing of it.
 */
export async function asCaller(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  const again = request.clone();
  const first = await send(request);
  if (first.status !== 401 || sessionNow().state === "unknown") return first;
  if (sessionNow().state === "in") {
    if (await renewed()) return send(again);
    ended("Your sign-in has ended.");
  }
  return (await backIn()) ? send(again) : first;
}

async function renewed(): Promise<boolean> {
  try {
    return await renew();
  } catch {
    throw unreachable();
  }
}

async function send(request: Request): Promise<Response> {
  for (const [name, value] of Object.entries(await credentials())) request.headers.set(name, value);
  // What one person began is not done in the name of another.
  if (isSomebodyElse())
    throw new Problem("Somebody else is signed in here now", { code: "somebody_else", status: 1 });
  try {
    return await fetch(request);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw unreachable();
  }
}

/** The same, for calls by hand: throws unless the answer is a good one. */
export async function fetchOk(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const response = await asCaller(input, init);
  if (!response.ok) throw problemOf(response, await response.json().catch(() => null));
  return response;
}

export const api = createFetchClient<paths>({ baseUrl: window.location.origin, fetch: asCaller });

api.use({
  async onResponse({ response }) {
    if (response.ok || response.status === 304) return;
    throw problemOf(
      response,
      await response
        .clone()
        .json()
        .catch(() => null),
    );
  },
});

/** `$api.useQuery("get", "/api/v1/iprs", { params: { query } })` and its like. */
export const $api = createClient(api);
