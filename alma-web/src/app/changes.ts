/**
 * What was read as somebody, or in a project, is not shown to somebody else, or in another.
 *
 * Outside of the tree of components: it is forgotten before the next person's page asks for anything.
 */
import { queries } from "@/lib/api/queries";
import { live } from "@/lib/live";
import { sessionNow, shownTo, watchSession } from "@/lib/session";

/** Begins to watch; `keyOf` the page at hand changes with whom it is shown to. */
export function watchChanges(): () => void {
  let whose = keyOf();
  let state = sessionNow().state;
  return watchSession(() => {
    const before = { whose, state };
    whose = keyOf();
    state = sessionNow().state;
    if (whose !== before.whose) {
      queries.clear();
      live.restart();
    } else if (state === "in" && before.state === "out") {
      // The same person is back on the same page: what passed by meanwhile is made up for.
      void queries.invalidateQueries();
      live.restart();
    }
  });
}

/** Differs between people, and between projects. */
export function keyOf(): string | null {
  const caller = shownTo(sessionNow());
  return caller === null ? null : `${caller.id} ${caller.project}`;
}
