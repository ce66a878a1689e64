/** What an answer suggests: words that can be said, or a call of the API that it spells out. */
import type { Permission } from "@/lib/api/schema";

export interface Suggestion {
  label: string;
  /** What is to be said; null where it is a call that no words stand for. */
  words: string | null;
  call: { path: string; body: unknown } | null;
  needs: Permission;
}

const CALL = /^(?<label>[^:]+): POST (?<path>\/api\/v1\/[\w/.-]+)(?: (?<body>\{.*\}))?$/s;

/** Who may do what a call asks for. What is not known here is not called. */
const CALLS: readonly [RegExp, Permission][] = [
  [/^\/api\/v1\/iprs$/, "ipr:open"],
  [/^\/api\/v1\/iprs\/\d+\/review$/, "ipr:approve"],
  [/^\/api\/v1\/iprs\/\d+\/deploy$/, "deployment:start"],
  [/^\/api\/v1\/blueprints\/\d+\/plan$/, "plan:make"],
];
/** Said in the conversation, it opens the same request, and the conversation knows of it from then on. */
const OPENS = /^\/api\/v1\/iprs$/;

/** Null for a call that this page does not know. */
export function suggestion(text: string): Suggestion | null {
  const { label, path, body } = CALL.exec(text)?.groups ?? {};
  if (label === undefined || path === undefined) {
    return { label: text, words: text, call: null, needs: "conversation:use" };
  }
  const needs = CALLS.find(([pattern]) => pattern.test(path))?.[1];
  if (needs === undefined) return null;
  if (OPENS.test(path)) return { label, words: "Deploy it", call: null, needs };
  const sent = parsed(body);
  return sent === undefined ? null : { label, words: null, call: { path, body: sent }, needs };
}

function parsed(body: string | undefined): unknown {
  if (body === undefined) return {};
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}

export function isPlan({ call }: Suggestion): boolean {
  return call?.path.endsWith("/plan") ?? false;
}

/** Whether it is about a request that is shown with its own buttons. */
export function isAbout({ call }: Suggestion, ipr: number | null): boolean {
  return ipr !== null && (call?.path.startsWith(`/api/v1/iprs/${ipr}/`) ?? false);
}
