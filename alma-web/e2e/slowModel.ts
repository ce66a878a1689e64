/** A language model's server that keeps everybody waiting until it is told to refuse: answers then last as long as a test needs. */
import { createServer, type Server, type ServerResponse } from "node:http";

export class SlowModel {
  private readonly waiting = new Set<ServerResponse>();
  private refusing = false;

  private constructor(private readonly server: Server) {}

  static async started(): Promise<SlowModel> {
    const server = createServer();
    const model = new SlowModel(server);
    server.on("request", (_, answer: ServerResponse) => model.take(answer));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return model;
  }

  /** What a server of ALMA is to be started with. */
  get environment(): Record<string, string> {
    const address = this.server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    return {
      ALMA_LLM_PROVIDER: "openai-compatible",
      ALMA_LLM_MODEL: "slow",
      ALMA_LLM_BASE_URL: `http://127.0.0.1:${port}/v1`,
    };
  }

  /** From now on nobody is kept waiting: what was asked is refused, and what ALMA knows by itself stands. */
  refuse(): void {
    this.refusing = true;
    for (const answer of this.waiting) this.take(answer);
    this.waiting.clear();
  }

  end(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private take(answer: ServerResponse): void {
    if (!this.refusing) {
      this.waiting.add(answer);
      return;
    }
    answer.writeHead(404, { "Content-Type": "application/json" });
    answer.end('{"error": {"message": "no such model"}}');
  }
}
