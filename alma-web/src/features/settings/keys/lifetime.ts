/** How long a key may live, in days; "" for ever. */
export const LIFETIMES = [
  { value: "7", label: "after a week" },
  { value: "30", label: "after 30 days" },
  { value: "90", label: "after 90 days" },
  { value: "365", label: "after a year" },
  { value: "", label: "never, until it is revoked" },
] as const;

/** The moment that many days from now, as the API takes it. */
export function endAfter(days: string, now: Date): string | null {
  return days === "" ? null : new Date(now.getTime() + Number(days) * 86_400_000).toISOString();
}
