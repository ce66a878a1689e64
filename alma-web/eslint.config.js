import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import globals from "globals";
import ts from "typescript-eslint";

export default ts.config(
  { ignores: ["node_modules", "dist", "reports", "src/lib/api/schema.d.ts"] },
  js.configs.recommended,
  ...ts.configs.strictTypeChecked,
  {
    languageOptions: {
      globals: globals.browser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { "react-hooks": hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      // Whatever comes from a server or a person is text, never markup.
      "no-restricted-syntax": [
        "error",
        {
          selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
          message: "Nothing is rendered as HTML.",
        },
        { selector: "MemberExpression[property.name='innerHTML']", message: "Nothing is rendered as HTML." },
      ],
    },
  },
  // One connection for all live events, in one file.
  {
    files: ["src/**"],
    ignores: ["src/lib/live.ts"],
    rules: { "no-restricted-globals": ["error", "WebSocket", "EventSource"] },
  },
  // There, `use` hands a fixture on, and a fixture that needs nothing says so by an empty pattern.
  {
    files: ["e2e/**"],
    rules: {
      "react-hooks/rules-of-hooks": "off",
      "no-empty-pattern": "off",
      "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: ["**/*.js", "**/*.cjs"], ...ts.configs.disableTypeChecked },
  { files: ["**/*.cjs"], languageOptions: { globals: globals.node } },
);
