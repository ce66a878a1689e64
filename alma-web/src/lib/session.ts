/**
 * Who is signed in here.
 *
 * The access token lives in memory only and the refresh token in a cookie that no script can read: a page that is loaded
 * anew asks for the next token. Where the server asks for no sign-in, there is neither.
 */
import { asProblem, problemOf, type Problem } from "./api/problem";
import type { CallerView, SignedInView } from "./api/schema";
import { chooseProject, currentProject } from "./project";
import { makeStore, useStore } from "./store";

export type Session =
  | { state: "unknown" }
  | { state: "out"; why: string | null }
  | { state: "unreachable"; problem: Problem }
  | { state: "in"; caller: CallerView };

const AUTH = "/api/v1/auth";
/** Two pages must not spend the same refresh token: the second would look like a thief's. */
const LOCK = "alma.refresh";
const EARLY_MS = 30_000;

const session = makeStore<Session>({ state: "unknown" });
let token: { text: string; until: number } | null = null;
let renewing: Promise<boolean> | null = null;

export function useSession(): Session {
  return useStore(session);
}

export function sessionNow(): Session {
  return session.get();
}

/** The headers that say who asks, with a token that holds for a while yet. */
export async function credentials(): Promise<Record<string, string>> {
  if (token !== null && token.until - Date.now() < EARLY_MS) await renew();
  const project = currentProject();
  return {
    ...(token !== null ? { Authorization: `Bearer ${token.text}` } : {}),
    ...(project !== null ? { "X-ALMA-Project": project } : {}),
  };
}

/** For what can send no headers. */
export async function bearer(): Promise<string | null> {
  await credentials();
  return token?.text ?? null;
}

/** Gets the next token by the cookie. Whether there was one; throws where nobody answered. */
export function renew(): Promise<boolean> {
  renewing ??= alone(fetchToken).finally(() => {
    renewing = null;
  });
  return renewing;
}

async function alone<T>(work: () => Promise<T>): Promise<T> {
  // Not there in tests and on plain http to another host.
  const locks = (navigator as { locks?: LockManager }).locks;
  return locks === undefined ? work() : await locks.request(LOCK, work);
}

async function fetchToken(): Promise<boolean> {
  const response = await fetch(`${AUTH}/refresh`, { method: "POST" });
  if (response.ok) {
    keep((await response.json()) as SignedInView);
    return true;
  }
  if (response.status === 401 || response.status === 403) {
    token = null;
    return false;
  }
  throw problemOf(response, await bodyOf(response));
}

function keep(signedIn: SignedInView): void {
  token = { text: signedIn.access_token, until: Date.now() + signedIn.expires_in * 1000 };
}

async function bodyOf(response: Response): Promise<unknown> {
  return response.json().catch(() => null);
}

/** Finds out who one is: at the start, and after the project changed. */
export async function begin(): Promise<void> {
  try {
    const caller = (await whoAmI()) ?? ((await renew()) ? await whoAmI() : null);
    session.set(caller === null ? { state: "out", why: null } : { state: "in", caller });
  } catch (error) {
    session.set({ state: "unreachable", problem: asProblem(error) });
  }
}

async function whoAmI(): Promise<CallerView | null> {
  const response = await fetch(`${AUTH}/me`, { headers: await credentials() });
  if (response.ok) return (await response.json()) as CallerView;
  if (response.status === 401) return null;
  if ((response.status === 404 || response.status === 403) && currentProject() !== null) {
    chooseProject(null); // of another time, or of somebody else
    return whoAmI();
  }
  throw problemOf(response, await bodyOf(response));
}

/** Signs in with a password; throws what the server says against it. */
export async function signIn(username: string, password: string): Promise<void> {
  const response = await fetch(`${AUTH}/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ username, password, cookie: true }),
  });
  if (!response.ok) throw problemOf(response, await bodyOf(response));
  keep((await response.json()) as SignedInView);
  await begin();
}

export async function signOut({ everywhere = false } = {}): Promise<void> {
  const response = await fetch(`${AUTH}/logout`, {
    method: "POST",
    headers: { ...(await credentials()), "Content-Type": "application/json" },
    body: JSON.stringify({ everywhere }),
  });
  if (!response.ok && response.status !== 401) throw problemOf(response, await bodyOf(response));
  ended(null);
}

/** The server no longer knows us. What was typed on the page stays until one is in again. */
export function ended(why: string | null): void {
  token = null;
  session.set({ state: "out", why });
}
