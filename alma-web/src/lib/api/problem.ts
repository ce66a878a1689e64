/** What went wrong, in the words of the server where it had any, and in ours where nobody answered. */
import type { Diagnostic, ErrorBody } from "./schema";

export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | null;
  readonly errors: string[];
  readonly diagnostics: Diagnostic[];
  readonly requestId: string | null;
  /** Seconds until it is worth asking again. */
  readonly retryAfter: number | null;
  /** What the server said beside that: ids, the differences of two plans. */
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(message: string, facts: Partial<Omit<Problem, "message">> = {}) {
    super(message);
    this.name = "Problem";
    this.status = facts.status ?? 0;
    this.code = facts.code ?? "unreachable";
    this.hint = facts.hint ?? null;
    this.errors = facts.errors ?? [];
    this.diagnostics = facts.diagnostics ?? [];
    this.requestId = facts.requestId ?? null;
    this.retryAfter = facts.retryAfter ?? null;
    this.facts = facts.facts ?? {};
  }

  /** Whether asking again, unchanged, may help: the server could not be reached, was busy or failed. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** Whether nobody was there to answer, so that asking again costs nobody anything. */
  get away(): boolean {
    return this.status === 0 || (this.status >= 502 && this.status <= 504);
  }
}

export function unreachable(): Problem {
  return new Problem("The server can't be reached", {
    hint: "Look whether ALMA runs and the network is up.",
  });
}

function isErrorBody(body: unknown): body is Partial<ErrorBody> & { message?: unknown } {
  return typeof body === "object" && body !== null;
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** What Retry-After says, as seconds: a proxy may give a date. */
function secondsUntil(said: string | null): number | null {
  if (said === null) return null;
  const seconds = Number.isNaN(Number(said)) ? (Date.parse(said) - Date.now()) / 1_000 : Number(said);
  return Number.isNaN(seconds) ? null : Math.max(0, Math.ceil(seconds));
}

const BY_STATUS: Record<number, string> = {
  401: "You are not signed in",
  403: "You may not do that",
  404: "There is no such thing here",
  413: "That is too much at once",
  429: "Too many requests",
  502: "The server in between had no answer",
  503: "The server is busy or starting",
  504: "The server took too long",
};

/** The problem that an answer tells of. Whatever its body is: a proxy in between answers in its own way. */
export function problemOf(response: Pick<Response, "status" | "headers">, body: unknown): Problem {
  const known = isErrorBody(body) ? body : {};
  return new Problem(
    text(known.detail) ??
      text(known.message) ??
      BY_STATUS[response.status] ??
      `The server answered ${response.status}`,
    {
      status: response.status,
      code: text(known.code) ?? `http_${response.status}`,
      hint: text(known.hint),
      errors: Array.isArray(known.errors) ? known.errors.filter((error) => typeof error === "string") : [],
      diagnostics: Array.isArray(known.diagnostics) ? known.diagnostics : [],
      requestId: response.headers.get("X-Request-ID") ?? text(known.request_id),
      retryAfter: secondsUntil(response.headers.get("Retry-After")),
      facts: isErrorBody(body) ? body : {},
    },
  );
}

/** Whatever was thrown, as a problem that can be shown. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof TypeError) return unreachable();
  return new Problem(error instanceof Error ? error.message : "Something unexpected happened", {
    code: "page_fault",
    status: 1,
    hint: "Load the page again; if it stays, it is a fault of the page.",
  });
}
