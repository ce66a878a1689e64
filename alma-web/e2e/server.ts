/** A real ALMA for each worker: its own data directory, its own port, the simulation as engine. Nothing of it is mocked. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base } from "@playwright/test";

const ROOT = join(import.meta.dirname, "..", "..");
export const STARTS_MS = 180_000;
export const GRACE_MS = 20_000;

export class Alma {
  private running: ChildProcess | null = null;
  private said = "";

  private constructor(
    readonly home: string,
    readonly port: number,
    private readonly environment: Record<string, string>,
  ) {}

  static async started(environment: Record<string, string> = {}): Promise<Alma> {
    const alma = new Alma(mkdtempSync(join(tmpdir(), "alma-e2e-")), await freePort(), environment);
    await alma.start();
    return alma;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const alma = process.env.ALMA_COMMAND ?? join(ROOT, ".venv", "bin", "alma");
    this.said = "";
    if (!existsSync(alma)) throw new Error(`no ${alma}: run make setup first`);
    this.running = spawn(alma, ["serve", "--port", String(this.port)], {
      cwd: this.home,
      env: {
        PATH: process.env.PATH ?? "",
        HOME: this.home,
        ALMA_HOME: this.home,
        ALMA_DEFAULT_ENGINE: "simulation",
        ALMA_RATE_LIMIT_ENABLED: "false", // a test is faster than a person
        ...(process.env.ALMA_WEB_DIRECTORY === undefined
          ? {}
          : { ALMA_WEB_DIRECTORY: process.env.ALMA_WEB_DIRECTORY }),
        ...this.environment,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.running.stdout, this.running.stderr]) {
      stream?.on("data", (data: Buffer) => (this.said += data.toString()));
    }
    await this.ready();
  }

  private async ready(): Promise<void> {
    const until = Date.now() + STARTS_MS;
    while (Date.now() < until) {
      if (this.running?.exitCode !== null) break;
      const answer = await fetch(`${this.url}/health`).catch(() => null);
      if (answer?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`the server did not start:\n${this.said}`);
  }

  /** Stops the server; its data stays. With `kill`, as a crash does. */
  async stop({ kill = false } = {}): Promise<void> {
    const running = this.running;
    if (running === null || running.exitCode !== null) return;
    const gone = new Promise((resolve) => running.once("exit", resolve));
    running.kill(kill ? "SIGKILL" : "SIGTERM");
    const late = setTimeout(() => running.kill("SIGKILL"), GRACE_MS);
    await gone;
    clearTimeout(late);
    this.running = null;
  }

  async end(): Promise<void> {
    await this.stop();
    rmSync(this.home, { recursive: true, force: true });
  }

  /** A call of the API, as another program would make it. */
  async call<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<T> {
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { "Content-Type": "application/json", ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text === "" ? null : JSON.parse(text)) as T;
  }

  /** A blueprint that was saved; its id. */
  async blueprint(document: object): Promise<number> {
    return (await this.call<{ id: number }>("POST", "/blueprints", document)).id;
  }

  /** A request for a blueprint; its id. */
  async ipr(blueprint: number, title = "A change"): Promise<number> {
    return (await this.call<{ id: number }>("POST", "/iprs", { title, blueprint_id: blueprint })).id;
  }

  /** Approves a request and deploys it to the end; the deployment's id. */
  async deployed(ipr: number): Promise<string> {
    await this.call("POST", `/iprs/${ipr}/review`, { action: "approve" });
    const { deployment_id } = await this.call<{ deployment_id: string }>("POST", `/iprs/${ipr}/deploy`, {});
    await fetch(`${this.url}/api/v1/deployments/${deployment_id}/events?stream=true`).then((answer) =>
      answer.text(),
    );
    return deployment_id;
  }
}

/** Below those that systems give to connections, so that none of these has it while a server is away for a moment. */
const PORTS = { first: 20_000, number: 12_000 };

export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.first + Math.floor(Math.random() * PORTS.number);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** `alma` is one server for a worker's tests; `page` begins at it. */
export const test = base.extend<object, { alma: Alma }>({
  alma: [
    async ({}, use) => {
      const alma = await Alma.started();
      await use(alma);
      await alma.end();
    },
    { scope: "worker", timeout: STARTS_MS + GRACE_MS },
  ],
  baseURL: async ({ alma }, use) => use(alma.url),
});

export { expect } from "@playwright/test";
