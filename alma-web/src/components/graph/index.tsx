/** The graph, fetched when one is shown: React Flow is too big for pages without it. */
import { type ComponentProps, lazy, Suspense } from "react";
import { Waiting } from "../states";

const Inner = lazy(() => import("./BlueprintGraph"));

export function BlueprintGraph(props: ComponentProps<typeof Inner>) {
  return (
    <Suspense fallback={<Waiting lines={6} />}>
      <Inner {...props} />
    </Suspense>
  );
}
