import { unifiedMergeView } from "@codemirror/merge";
import { Paper, useComputedColorScheme } from "@mantine/core";
import CodeMirror from "@uiw/react-codemirror";
import { useMemo } from "react";
import { reading } from "./extensions";

interface YamlDiffProps {
  label: string;
  before: string;
  after: string;
  height?: string;
}

/** Two texts as one: what went in red, what came in green, what stayed folded away. */
export default function YamlDiff({ label, before, after, height = "60vh" }: YamlDiffProps) {
  const scheme = useComputedColorScheme("light");
  const extensions = useMemo(
    () => [
      ...reading(label),
      unifiedMergeView({
        original: before,
        mergeControls: false,
        gutter: true,
        collapseUnchanged: { margin: 3, minSize: 6 },
      }),
    ],
    [label, before],
  );
  return (
    <Paper withBorder style={{ overflow: "hidden" }}>
      <CodeMirror
        key={before}
        value={after}
        extensions={extensions}
        theme={scheme}
        maxHeight={height}
        readOnly
        indentWithTab={false}
        basicSetup={{ autocompletion: false, foldGutter: false, highlightActiveLine: false }}
      />
    </Paper>
  );
}
