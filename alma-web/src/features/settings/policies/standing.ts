import type { Waiver } from "@/lib/api/schema";

export type Standing = "revoked" | "over" | "ends soon" | "holds";

const SOON_MS = 14 * 86_400_000;

/** How a waiver stands at a moment: it holds until the end (UTC) of its last day. */
export function standingOf(
  { expires, revoked_at }: Pick<Waiver, "expires" | "revoked_at">,
  now: number,
): Standing {
  if (revoked_at !== null && revoked_at !== undefined) return "revoked";
  const left = Date.parse(`${expires.slice(0, 10)}T23:59:59.999Z`) - now;
  if (left < 0) return "over";
  return left < SOON_MS ? "ends soon" : "holds";
}
