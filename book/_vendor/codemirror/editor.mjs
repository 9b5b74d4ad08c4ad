// The editor of a live page: CodeMirror 6 with Python, and nothing that the page does not use.
export { EditorState } from "@codemirror/state";
export { EditorView, keymap, drawSelection } from "@codemirror/view";
export { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
export { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
export { python } from "@codemirror/lang-python";
export { classHighlighter } from "@lezer/highlight";
