import { Badge, Card, createTheme, type MantineColorsTuple, ScrollArea } from "@mantine/core";

const teal: MantineColorsTuple = [
  "#e7f9fb",
  "#d3eff3",
  "#a5dee7",
  "#74ccda",
  "#4ebdcf",
  "#36b3c8",
  "#27aec5",
  "#1699ae",
  "#077d90",
  "#0b7285",
];

/** A little blue in the greys, and far enough apart for words on each other: 2 on 6 is the least that is written. */
const dark: MantineColorsTuple = [
  "#e1e7ed",
  "#bcc6d0",
  "#9aa7b4",
  "#6d7b8a",
  "#3b4754",
  "#2c3641",
  "#212a34",
  "#182028",
  "#11171e",
  "#0b1015",
];

export const theme = createTheme({
  primaryColor: "alma",
  // Dark enough for white words on it, in both schemes.
  primaryShade: { light: 9, dark: 8 },
  colors: { alma: teal, dark },
  defaultRadius: "md",
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Code', 'DejaVu Sans Mono', monospace",
  cursorType: "pointer",
  respectReducedMotion: true,
  headings: { fontWeight: "650" },
  components: {
    // States and figures are words like others.
    Badge: Badge.extend({ defaultProps: { tt: "none" } }),
    // On the ground of papers: what is filled, and a button that can't be pressed, would vanish on its own in the dark.
    Card: Card.extend({ styles: { root: { backgroundColor: "var(--mantine-color-body)" } } }),
    // What can be scrolled is reached by the keyboard.
    ScrollArea: ScrollArea.extend({ defaultProps: { viewportProps: { tabIndex: 0 } } }),
  },
});
