import "@mantine/spotlight/styles.css";
import { useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { Spotlight, type SpotlightActionData } from "@mantine/spotlight";
import { IconMoon, IconPlus, IconSearch } from "@tabler/icons-react";
import { useNavigate } from "react-router";
import { mayOf, useCaller } from "@/lib/permissions";
import { PAGES } from "../pages";

/** Everything by keyboard. */
export default function Palette() {
  const caller = useCaller();
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  const actions: SpotlightActionData[] = [
    ...PAGES.filter(({ needs }) => needs === null || mayOf(caller, needs)).map(
      ({ path, title, icon: Icon, words }) => ({
        id: path,
        label: title,
        keywords: words,
        leftSection: <Icon size={20} />,
        onClick: () => void navigate(path),
      }),
    ),
    ...(mayOf(caller, "blueprint:write")
      ? [
          {
            id: "new",
            label: "New blueprint",
            leftSection: <IconPlus size={20} />,
            onClick: () => void navigate("/blueprints/new"),
          },
        ]
      : []),
    {
      id: "scheme",
      label: scheme === "dark" ? "Light colours" : "Dark colours",
      keywords: "theme dark light",
      leftSection: <IconMoon size={20} />,
      onClick: () => setColorScheme(scheme === "dark" ? "light" : "dark"),
    },
  ];
  return (
    <Spotlight
      actions={actions}
      shortcut={["mod + K", "/"]}
      nothingFound="Nothing is called that"
      highlightQuery
      searchProps={{ leftSection: <IconSearch size={20} />, placeholder: "Go to…", "aria-label": "Go to" }}
    />
  );
}
