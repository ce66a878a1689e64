/** How the editor completes, marks what is wrong, and looks. */
import {
  acceptCompletion,
  autocompletion,
  type CompletionContext,
  startCompletion,
} from "@codemirror/autocomplete";
import { yaml } from "@codemirror/lang-yaml";
import { type Diagnostic as Mark, lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState, type Extension, Prec, type Text } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import type { Diagnostic } from "@/lib/api/schema";
import { suggest } from "./completion";
import type { Schema } from "./schema";

function source(schema: Schema | null) {
  return (context: CompletionContext) => {
    if (schema === null) return null;
    const text = context.state.doc.toString();
    const found = suggest(text, context.pos, schema);
    if (found === null) return null;
    // Unasked only where a word is begun, or a value is to follow.
    const before = text.slice(Math.max(0, context.pos - 2), context.pos);
    if (!context.explicit && found.from === context.pos && !/[:-] $/.test(before)) return null;
    return {
      from: found.from,
      options: found.options.map(({ label, text: insert, detail, kind, required }) => ({
        label,
        apply: (view: EditorView, _: unknown, from: number, to: number) => put(view, insert, from, to),
        detail: required ? "required" : "",
        info: detail === "" ? undefined : detail,
        type: kind === "key" ? "property" : "enum",
        boost: required ? 2 : 0,
      })),
      validFor: /^[\w.@/-]*$/,
    };
  };
}

function put(view: EditorView, insert: string, from: number, to: number): void {
  // "count:" has its colon already when only its word is mended.
  const rest = view.state.doc.sliceString(to, to + 1);
  const text = rest === ":" ? insert.replace(/:[^]*$/, "") : insert;
  view.dispatch({
    changes: { from, to, insert: text },
    selection: { anchor: from + text.length },
    userEvent: "input",
  });
  if (/[:-]\s+$/.test(text)) startCompletion(view);
}

/** Above the theme, whose own ground is too pale for its words in the dark. */
const LOOK = Prec.highest(
  EditorView.theme({
    "&": { fontSize: "13px", backgroundColor: "transparent" },
    ".cm-scroller": { fontFamily: "var(--mantine-font-family-monospace)" },
    ".cm-gutters": {
      backgroundColor: "transparent",
      border: "none",
      color: "var(--mantine-color-dimmed)",
    },
    ".cm-activeLineGutter": { backgroundColor: "transparent" },
    ".cm-tooltip": { borderRadius: "6px", overflow: "hidden" },
    ".cm-completionInfo": { maxWidth: "320px" },
  }),
);

/** `label` is what the editor is called, for those who hear it. */
export function editing(label: string, schema: Schema | null): Extension[] {
  return [
    yaml(),
    LOOK,
    lintGutter(),
    autocompletion({ override: [source(schema)], activateOnTypingDelay: 60 }),
    // Tab leaves the editor, unless a suggestion is open.
    keymap.of([{ key: "Tab", run: acceptCompletion }]),
    // What scrolls is reached by the keyboard, and says so to those who ask.
    EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
    EditorView.lineWrapping,
  ];
}

export function reading(label: string): Extension[] {
  return [
    yaml(),
    LOOK,
    EditorState.readOnly.of(true),
    // Not editable, yet reached by the keyboard.
    EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0", "aria-readonly": "true" }),
    EditorView.lineWrapping,
  ];
}

/** Where a remark stands in a text: its place to the end of the line, the whole first line where it has none. */
export function marked(doc: Text, { line, column, message, hint, severity }: Diagnostic): Mark {
  const at = doc.line(Math.min(Math.max(line ?? 1, 1), doc.lines));
  const start = Math.min(at.from + Math.max((column ?? 1) - 1, 0), at.to);
  const text = at.text.slice(start - at.from).trimEnd();
  return {
    from: start,
    to: Math.max(start + text.length, start),
    severity: severity ?? "error",
    message: [message, hint].filter(Boolean).join(" — "),
  };
}

export function show(view: EditorView, diagnostics: readonly Diagnostic[]): void {
  const { doc } = view.state;
  view.dispatch(
    setDiagnostics(
      view.state,
      diagnostics.map((one) => marked(doc, one)),
    ),
  );
}

export function goTo(view: EditorView, { line, column }: Diagnostic): void {
  const { from } = marked(view.state.doc, { line, column, code: "", message: "", path: "" });
  view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
  view.focus();
}
