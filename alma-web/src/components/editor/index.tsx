/** The editor is fetched when somebody edits. */
import { type ComponentProps, lazy, Suspense } from "react";
import { Waiting } from "../states";

const Editor = lazy(() => import("./YamlEditor"));
const Diff = lazy(() => import("./YamlDiff"));

export function YamlEditor(props: ComponentProps<typeof Editor>) {
  return (
    <Suspense fallback={<Waiting lines={8} />}>
      <Editor {...props} />
    </Suspense>
  );
}

export function YamlDiff(props: ComponentProps<typeof Diff>) {
  return (
    <Suspense fallback={<Waiting lines={8} />}>
      <Diff {...props} />
    </Suspense>
  );
}
