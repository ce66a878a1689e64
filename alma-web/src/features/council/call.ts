/** What the council is to look at, from what somebody typed. */
import type { CouncilCall } from "@/lib/api/schema";

export type Subject = "words" | "blueprint" | "request";

/** The call, or null while nothing is named that it could be about. */
export function callFor(
  subject: Subject,
  words: string,
  chosen: string | null,
  engine: string,
): CouncilCall | null {
  const where = engine.trim() === "" ? {} : { engine: engine.trim() };
  if (subject === "words") return words.trim() === "" ? null : { request: words.trim(), ...where };
  const id = Number(chosen);
  if (chosen === null || !Number.isSafeInteger(id) || id < 1) return null;
  return subject === "blueprint" ? { blueprint_id: id, ...where } : { ipr_id: id };
}
