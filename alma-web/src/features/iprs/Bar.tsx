/** Where there is no room beside the plan: the decision at the foot of the screen, in reach wherever one reads. */
import { Button, Drawer, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useCaller } from "@/lib/permissions";
import classes from "./Bar.module.css";
import { offersFor } from "./decisions";
import { Choices, type Dialog, headingOf } from "./Panel";
import type { Seen } from "./seen";

export function Bar({ seen, onOpen }: { seen: Seen; onOpen: (dialog: Dialog) => void }) {
  const [opened, { open, close }] = useDisclosure();
  const offers = offersFor(seen.ipr, useCaller());
  const heading = headingOf(offers);
  return (
    <>
      <Group component="aside" aria-label="Decision" className={classes.bar} wrap="nowrap" gap="sm">
        <Text fw={600} flex={1} miw={0} lineClamp={1}>
          {heading}
        </Text>
        <Button onClick={open} variant={heading === "Where it stands" ? "default" : "filled"}>
          {offers.has("deploy") ? "Go on" : offers.has("reject") ? "Decide" : "What can be done"}
        </Button>
      </Group>
      {/* It stays, closed: nobody writes a comment twice. */}
      <Drawer
        opened={opened}
        onClose={close}
        position="bottom"
        title={heading}
        keepMounted
        classNames={{ content: classes.choices, title: classes.heading }}
        closeButtonProps={{ "aria-label": "Close" }}
      >
        <Choices
          seen={seen}
          onOpen={(dialog) => {
            close();
            onOpen(dialog);
          }}
        />
      </Drawer>
    </>
  );
}
