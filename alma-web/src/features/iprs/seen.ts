import { useState } from "react";
import type { IprView } from "@/lib/api/schema";
import { isOpen } from "./decisions";

export interface Seen {
  /** The request as whoever sits here knows it. */
  ipr: IprView;
  /** Whether it is another by now, by somebody else's doing, and there is something to decide. */
  overtaken: boolean;
  /** This is how it is known now. */
  look: (ipr: IprView) => void;
}

/** Keeps what was looked at apart from what came since: a decision is made on the former, and only while both are one. */
export function useSeen(now: IprView): Seen {
  const [seen, look] = useState(now);
  const other = seen.version !== now.version;
  // Its way through a deployment, and its end, are nothing to agree to.
  const decides = isOpen(now) && isOpen(seen);
  const known = other && decides ? seen : now;
  if (known !== seen) look(known);
  return { ipr: known, overtaken: other && decides, look };
}
