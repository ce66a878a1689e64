/**
 * Who is signed in here.
 *
 * The access token lives in memory only and the refresh token in a cookie that no script can read: a page that is loaded
 * anew asks for the next token. Where the server asks for no sign-in, there is neither. The pages of one browser share
 * the cookie, so they tell each other when somebody comes or goes.
 */
import { asProblem, problemOf, type Problem } from "./api/problem";
import type { CallerView, SignedInView } from "./api/schema";
import { chooseProject, currentProject } from "./project";
import { makeStore, useStore } from "./store";

export type Session =
  | { state: "unknown" }
  /** `was`: whose sign-in ended on its own. What they have on the page waits for them. */
  | { state: "out"; why: string | null; was: CallerView | null }
  | { state: "unreachable"; problem: Problem }
  | { state: "in"; caller: CallerView };

const AUTH = "/api/v1/auth";
/** Two pages must not spend the same refresh token: the second would look like a thief's. */
const LOCK = "alma.refresh";
const EARLY_MS = 30_000;
const ENDED = "Your sign-in has ended.";

type Told = { told: "in" } | { told: "out"; whose: string };

const session = makeStore<Session>({ state: "unknown" });
let token: { text: string; until: number; whose: string } | null = null;
let renewing: Promise<boolean> | null = null;
const others = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("alma.session");

export function watchSession(listener: () => void): () => void {
  return session.subscribe(listener);
}

/** Whose pages are on the screen: theirs who are in, or whose sign-in ended while they were at it. */
export function shownTo(now: Session): CallerView | null {
  if (now.state === "in") return now.caller;
  return now.state === "out" ? now.was : null;
}

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
  const until = Date.now() + signedIn.expires_in * 1000;
  token = { text: signedIn.access_token, until, whose: signedIn.account.id };
  if (isSomebodyElse()) void begin();
}

/** The cookie is somebody else's since: another page of this browser signed in as another person. */
export function isSomebodyElse(): boolean {
  const now = session.get();
  return now.state === "in" && token !== null && token.whose !== now.caller.id;
}

async function bodyOf(response: Response): Promise<unknown> {
  return response.json().catch(() => null);
}

/** Finds out who one is: at the start, after the project changed, and when another page tells of somebody. */
export async function begin(): Promise<void> {
  const before = session.get();
  try {
    const caller = (await whoAmI()) ?? ((await renew()) ? await whoAmI() : null);
    if (caller !== null) {
      session.set({ state: "in", caller });
      if (before.state !== "in") tell({ told: "in" });
    } else if (before.state !== "out") {
      ended(before.state === "in" ? ENDED : null);
    }
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
  const whose = shownTo(session.get())?.id;
  const response = await fetch(`${AUTH}/logout`, {
    method: "POST",
    headers: { ...(await credentials()), "Content-Type": "application/json" },
    body: JSON.stringify({ everywhere }),
  });
  if (!response.ok && response.status !== 401) throw problemOf(response, await bodyOf(response));
  left(everywhere ? "You are signed out everywhere." : null);
  if (whose !== undefined) tell({ told: "out", whose });
}

/** One has gone: nothing stays on the page. */
export function left(why: string | null): void {
  token = null;
  session.set({ state: "out", why, was: null });
}

/** The server no longer knows us. What was typed on the page stays until one is in again. */
export function ended(why: string | null): void {
  token = null;
  const now = session.get();
  if (now.state === "out") return; // said already, with the reason that is the right one
  if (now.state === "in" && now.caller.kind === "local") left("This server asks everybody to sign in now.");
  else session.set({ state: "out", why, was: now.state === "in" ? now.caller : null });
}

/** Waits until whoever was on the page is in again; false: that one is not coming back here. */
export function backIn(): Promise<boolean> {
  const was = shownTo(session.get());
  return new Promise((resolve) => {
    const look = (): void => {
      const now = session.get();
      if (now.state === "out" && now.was !== null) return;
      stop();
      resolve(now.state === "in" && now.caller.id === was?.id);
    };
    const stop = session.subscribe(look);
    look();
  });
}

function tell(what: Told): void {
  others?.postMessage(what);
}

others?.addEventListener("message", ({ data }: MessageEvent<Told>) => {
  const now = session.get();
  if (data.told === "in") {
    if (now.state === "out") void begin();
  } else if (now.state !== "out" || now.was !== null) {
    if (shownTo(now)?.id === data.whose) left("You signed out on another page of this browser.");
  }
});
