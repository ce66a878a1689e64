import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { CallerView } from "./api/schema";

type Session = typeof import("./session");
type Client = typeof import("./api/client");

/** Only the network is faked: what each path answers, in turn, the last one for ever. */
const answers = new Map<string, (() => Response)[]>();
const asked: { path: string; headers: Headers; method: string }[] = [];

function answer(path: string, ...each: (() => Response)[]): void {
  answers.set(path, each);
}

function json(body: unknown, status = 200, headers: Record<string, string> = {}): () => Response {
  return () => Response.json(body, { status, headers });
}

const refused = json({ detail: "this sign-in has ended", hint: "sign in again" }, 401);

function caller(id: string): CallerView {
  const kind = "user";
  const bare = { display: null, kind, owner: null, project: "default", projects: null } as const;
  return { ...bare, id, administrator: false, roles: ["viewer"], permissions: ["blueprint:read"] };
}

function tokens(id: string, text = `token of ${id}`, expires_in = 900): () => Response {
  return json({ access_token: text, expires_in, refresh_token: null, account: { id } });
}

/** Each test loads the page anew; the one before is closed, and hears no more. */
const channels: BroadcastChannel[] = [];
const Channel = BroadcastChannel;

let session: Session;
let client: Client;

beforeEach(async () => {
  answers.clear();
  asked.length = 0;
  localStorage.clear();
  vi.resetModules();
  vi.stubGlobal(
    "BroadcastChannel",
    class extends Channel {
      constructor(name: string) {
        super(name);
        channels.push(this);
      }
    },
  );
  vi.stubGlobal("fetch", async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(new URL(input instanceof Request ? input.url : input, location.href), {
      ...(input instanceof Request ? { headers: input.headers, method: input.method } : {}),
      ...init,
    });
    const path = new URL(request.url).pathname;
    asked.push({ path, headers: request.headers, method: request.method });
    const left = answers.get(path) ?? [];
    const next = left.length > 1 ? left.shift() : left[0];
    if (next === undefined) throw new TypeError("network");
    await Promise.resolve();
    return next();
  });
  session = await import("./session");
  client = await import("./api/client");
});

afterEach(() => {
  for (const channel of channels.splice(0)) channel.close();
  vi.unstubAllGlobals();
});

const ME = "/api/v1/auth/me";
const REFRESH = "/api/v1/auth/refresh";
const LOGIN = "/api/v1/auth/login";
const THING = "/api/v1/thing";

async function signedIn(id = "user:ada"): Promise<void> {
  answer(LOGIN, tokens(id));
  answer(ME, json(caller(id)));
  await session.signIn("ada", "correct horse staple");
  expect(session.sessionNow()).toMatchObject({ state: "in", caller: { id } });
}

test("who has a cookie is in without a password", async () => {
  answer(ME, refused, json(caller("user:ada")));
  answer(REFRESH, tokens("user:ada"));
  await session.begin();
  expect(session.sessionNow()).toMatchObject({ state: "in", caller: { id: "user:ada" } });
  expect(asked.at(-1)?.headers.get("Authorization")).toBe("Bearer token of user:ada");
});

test("who has none is out, and nobody's page waits", async () => {
  answer(ME, refused);
  answer(REFRESH, refused);
  await session.begin();
  expect(session.sessionNow()).toEqual({ state: "out", why: null, was: null });
});

test("a server that can't be reached is not the end of a sign-in", async () => {
  await session.begin();
  expect(session.sessionNow()).toMatchObject({ state: "unreachable" });
});

test("a wrong password is told in the server's words, with the time to wait", async () => {
  answer(LOGIN, json({ detail: "too many failed attempts to sign in" }, 429, { "Retry-After": "12" }));
  await expect(session.signIn("ada", "wrong")).rejects.toMatchObject({ status: 429, retryAfter: 12 });
});

test("a token that is over is renewed once for everything that is asked meanwhile, and asked again", async () => {
  await signedIn();
  answer(THING, refused, refused, json({ fine: true }));
  answer(REFRESH, tokens("user:ada", "the next"));
  const both = await Promise.all([client.asCaller(url(THING)), client.asCaller(url(THING))]);
  expect(both.map(({ status }) => status)).toEqual([200, 200]);
  expect(asked.filter(({ path }) => path === REFRESH)).toHaveLength(1);
  expect(asked.at(-1)?.headers.get("Authorization")).toBe("Bearer the next");
});

test("what was asked when the sign-in ended is done once the same person is back", async () => {
  await signedIn();
  answer(THING, refused, json({ fine: true }));
  answer(REFRESH, refused);
  const pending = client.asCaller(url(THING), { method: "POST", body: "{}" });
  await vi.waitFor(() =>
    expect(session.sessionNow()).toMatchObject({ state: "out", was: { id: "user:ada" } }),
  );
  await signedIn();
  expect((await pending).status).toBe(200);
});

test("why one is out is said once, however many answers say that one is", async () => {
  answer(ME, json({ ...caller("local:you"), kind: "local" }));
  await session.begin();
  answer(THING, refused);
  answer(REFRESH, refused);
  await Promise.all([client.asCaller(url(THING)), client.asCaller(url(THING))]);
  const why = "This server asks everybody to sign in now.";
  expect(session.sessionNow()).toEqual({ state: "out", why, was: null });
});

test("what one person began is not done for the next one", async () => {
  await signedIn();
  answer(THING, refused, json({ fine: true }));
  answer(REFRESH, refused);
  const pending = client.asCaller(url(THING), { method: "POST", body: "{}" });
  await vi.waitFor(() => expect(session.sessionNow().state).toBe("out"));
  await signedIn("user:bob");
  expect((await pending).status).toBe(401);
  expect(asked.filter(({ path }) => path === THING)).toHaveLength(1);
});

test("when the cookie has become somebody else's, the page becomes theirs and nothing is sent in their name", async () => {
  await signedIn();
  answer(THING, refused, json({ fine: true }));
  answer(REFRESH, tokens("user:bob"));
  answer(ME, json(caller("user:bob")));
  await expect(client.asCaller(url(THING), { method: "POST" })).rejects.toMatchObject({
    code: "somebody_else",
  });
  await vi.waitFor(() => expect(session.sessionNow()).toMatchObject({ caller: { id: "user:bob" } }));
  expect(asked.filter(({ path }) => path === THING)).toHaveLength(1);
});

test("signing out leaves nothing on the page, and tells the other pages of the browser", async () => {
  const heard: unknown[] = [];
  const other = new BroadcastChannel("alma.session");
  other.addEventListener("message", ({ data }) => heard.push(data));
  await signedIn();
  answer("/api/v1/auth/logout", () => new Response(null, { status: 204 }));
  await session.signOut();
  expect(session.sessionNow()).toEqual({ state: "out", why: null, was: null });
  await vi.waitFor(() => expect(heard).toEqual([{ told: "in" }, { told: "out", whose: "user:ada" }]));
});

test("a page hears that its person signed out elsewhere, and that somebody came", async () => {
  await signedIn();
  const other = new BroadcastChannel("alma.session");
  other.postMessage({ told: "out", whose: "user:bob" });
  other.postMessage({ told: "out", whose: "user:ada" });
  await vi.waitFor(() => expect(session.sessionNow()).toMatchObject({ state: "out", was: null }));
  answer(ME, json(caller("user:ada")));
  other.postMessage({ told: "in" });
  await vi.waitFor(() => expect(session.sessionNow().state).toBe("in"));
});

test("who was let in by a server that asked nobody is nobody once it asks", async () => {
  answer(ME, json({ ...caller("local"), kind: "local" }));
  await session.begin();
  answer(THING, refused);
  answer(REFRESH, refused);
  expect((await client.asCaller(url(THING))).status).toBe(401);
  expect(session.sessionNow()).toMatchObject({ state: "out", was: null });
});

test("a project that one is in no more is let go of", async () => {
  localStorage.setItem("alma.project", "gone");
  vi.resetModules();
  session = await import("./session");
  answer(ME, json({ detail: "no such project" }, 404), json(caller("user:ada")));
  await session.begin();
  expect(session.sessionNow().state).toBe("in");
  expect(localStorage.getItem("alma.project")).toBeNull();
});

function url(path: string): string {
  return new URL(path, location.href).href;
}
