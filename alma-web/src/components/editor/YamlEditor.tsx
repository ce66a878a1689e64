import { Paper, useComputedColorScheme } from "@mantine/core";
import CodeMirror, { type EditorView } from "@uiw/react-codemirror";
import { useEffect, useMemo, useState } from "react";
import type { Diagnostic } from "@/lib/api/schema";
import { editing, goTo, reading, show } from "./extensions";
import type { Schema } from "./schema";

interface YamlEditorProps {
  /** What it is, for those who hear it. */
  label: string;
  value: string;
  /** Without it, the text can be read and copied, and not changed. */
  onChange?: (text: string) => void;
  schema?: Schema | null;
  /** What there is to say of the text; lines and columns count from 1. */
  diagnostics?: readonly Diagnostic[];
  /** The cursor is put there whenever this is another object. */
  focusOn?: Diagnostic | null;
  height?: string;
}

const NONE: readonly Diagnostic[] = [];

/** A blueprint's text: coloured, completed from the schema, its faults underlined where they are. */
export default function YamlEditor(props: YamlEditorProps) {
  const {
    label,
    value,
    onChange,
    schema = null,
    diagnostics = NONE,
    focusOn = null,
    height = "60vh",
  } = props;
  const scheme = useComputedColorScheme("light");
  const [view, setView] = useState<EditorView | null>(null);
  const writable = onChange !== undefined;
  const extensions = useMemo(
    () => (writable ? editing(label, schema) : reading(label)),
    [label, writable, schema],
  );
  useEffect(() => {
    if (view !== null) show(view, diagnostics);
  }, [view, diagnostics]);
  useEffect(() => {
    if (view !== null && focusOn !== null) goTo(view, focusOn);
  }, [view, focusOn]);
  return (
    <Paper withBorder style={{ overflow: "hidden" }}>
      <CodeMirror
        value={value}
        onChange={onChange}
        extensions={extensions}
        theme={scheme}
        maxHeight={height}
        minHeight={writable ? height : undefined}
        readOnly={!writable}
        indentWithTab={false}
        basicSetup={{ autocompletion: false, foldGutter: true, highlightActiveLine: writable }}
        onCreateEditor={setView}
      />
    </Paper>
  );
}
