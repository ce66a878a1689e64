import { Button, Group, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { Empty, Loaded } from "@/components/states";
import { $api } from "@/lib/api/client";
import { every } from "@/lib/api/queries";
import { useMay } from "@/lib/permissions";
import { ConnectionDialog } from "./ConnectionDialog";
import { EngineCard } from "./EngineCard";

export default function EnginesSection() {
  const query = $api.useQuery("get", "/api/v1/engines", {}, { refetchInterval: every(30) });
  const configure = useMay("engine:configure");
  return (
    <Stack>
      <Loaded query={query}>
        {({ items }) => (
          <Stack>
            {items.length === 0 && (
              <Empty title="This project may use no engine">
                An administrator of the installation says which ones it may use, under the project&apos;s
                rules.
              </Empty>
            )}
            {items.map((engine) => (
              <EngineCard key={engine.engine} engine={engine} />
            ))}
            {configure && <Another known={items.map(({ engine }) => engine)} />}
          </Stack>
        )}
      </Loaded>
    </Stack>
  );
}

const NAME = /^[a-z][a-z0-9-]*@[a-z0-9][a-z0-9-]*$/;

/** One engine may be reached at several places, each under a name: `proxmox@lab`. */
function Another({ known }: { known: string[] }) {
  const [name, setName] = useState("");
  const [opened, { open, close }] = useDisclosure();
  function done() {
    close();
    setName("");
  }
  const fits = NAME.test(name) && !known.includes(name);
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (fits) open();
        }}
      >
        <Group align="flex-end">
          <TextInput
            label="One more place"
            description="Another cluster or host of an engine, under a name of its own"
            placeholder="proxmox@lab"
            value={name}
            onChange={(event) => setName(event.currentTarget.value.trim().toLowerCase())}
            error={known.includes(name) ? "It is there already: edit its connection above" : undefined}
            w={340}
          />
          <Button type="submit" variant="default" leftSection={<IconPlus size={16} />} disabled={!fits}>
            Say how it is reached
          </Button>
        </Group>
      </form>
      {opened && <ConnectionDialog name={name} fresh onClose={done} />}
    </>
  );
}
