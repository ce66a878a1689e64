import { Alert, Modal, Text } from "@mantine/core";
import { Loaded } from "@/components/states";
import { $api } from "@/lib/api/client";
import type { ConnectionView } from "@/lib/api/schema";
import { useMay } from "@/lib/permissions";
import { CLOSE } from "@/components/acting";
import { ConnectionForm } from "./ConnectionForm";
import { ConnectionShown } from "./ConnectionShown";

interface ConnectionDialogProps {
  name: string;
  /** Nothing says yet how it is reached. */
  fresh?: boolean;
  onClose: () => void;
}

export function ConnectionDialog({ name, fresh = false, onClose }: ConnectionDialogProps) {
  return (
    <Modal
      opened
      onClose={onClose}
      title={`How ${name} is reached`}
      size="lg"
      closeButtonProps={CLOSE}
      closeOnClickOutside={false}
    >
      {fresh ? (
        <ConnectionForm connection={nothingOf(name)} onClose={onClose} />
      ) : (
        <Existing name={name} onClose={onClose} />
      )}
    </Modal>
  );
}

function Existing({ name, onClose }: { name: string; onClose: () => void }) {
  const query = $api.useQuery("get", "/api/v1/engines/{name}/connection", { params: { path: { name } } });
  const configure = useMay("engine:configure");
  return (
    <Loaded query={query}>
      {(connection) => (
        <>
          <Text size="sm" c="dimmed" mb="md" className="wrap-anywhere">
            {sourceOf(connection)}
          </Text>
          {configure ? (
            <ConnectionForm connection={connection} onClose={onClose} />
          ) : (
            <>
              <ConnectionShown connection={connection} />
              <Alert mt="md">Who may configure engines in this project can change it.</Alert>
            </>
          )}
        </>
      )}
    </Loaded>
  );
}

function sourceOf({ source, updated_by }: ConnectionView): string {
  if (source === "project") return `Saved by this project, last by ${updated_by ?? "somebody"}.`;
  if (source === "file")
    return "From the installation's file of connections. Saving puts this project's own over it.";
  return "From the server's environment. Saving puts this project's own over it.";
}

function nothingOf(engine: string): ConnectionView {
  return { engine, source: "project", settings: {}, secrets: [], links: {} };
}
