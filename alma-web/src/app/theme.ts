import { createTheme, type MantineColorsTuple } from "@mantine/core";

const teal: MantineColorsTuple = [
  "#e7f9fb",
  "#d3eff3",
  "#a5dee7",
  "#74ccda",
  "#4ebdcf",
  "#36b3c8",
  "#27aec5",
  "#1699ae",
  "#04889c",
  "#0b7285",
];

export const theme = createTheme({
  primaryColor: "alma",
  // Dark enough for white words on it, in both schemes.
  primaryShade: { light: 9, dark: 8 },
  colors: { alma: teal },
  defaultRadius: "md",
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Code', 'DejaVu Sans Mono', monospace",
  cursorType: "pointer",
  respectReducedMotion: true,
});
