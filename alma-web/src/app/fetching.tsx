/** Pages are fetched when somebody goes there: what is seen of one that can't be, and how it is asked for again. */
import { type ComponentType, lazy } from "react";

export type Load = () => Promise<{ default: ComponentType }>;

/** A page's own files did not come: the server is away, or has others since an update. */
export class NotFetched extends Error {
  override readonly name = "NotFetched";

  constructor(
    cause: unknown,
    /** From then on, the page is asked for anew by whoever goes there. */
    readonly forget: () => void,
  ) {
    super(cause instanceof Error ? cause.message : "unknown", { cause });
  }
}

/** Draws a page once it is there. A browser gives up what is on its way when the network changes: it is asked again. */
export function whenFetched(load: Load): ComponentType {
  const forget = (): void => {
    Loaded = prepared();
  };
  const fetched = async () => {
    try {
      return await load().catch(load);
    } catch (error) {
      throw new NotFetched(error, forget);
    }
  };
  const prepared = () => lazy(fetched);
  let Loaded = prepared();
  return function Fetched() {
    return <Loaded />;
  };
}
