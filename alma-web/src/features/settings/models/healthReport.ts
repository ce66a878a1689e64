import { asCaller } from "@/lib/api/client";
import { problemOf } from "@/lib/api/problem";
import type { HealthReport } from "@/lib/api/schema";

/** The report, which is an answer as well where a needed part is down (503). */
export async function healthReport(): Promise<HealthReport> {
  const answer = await asCaller("/api/v1/monitoring/health/detailed");
  const body: unknown = await answer.json().catch(() => null);
  if (typeof body === "object" && body !== null && "components" in body) return body as HealthReport;
  throw problemOf(answer, body);
}
