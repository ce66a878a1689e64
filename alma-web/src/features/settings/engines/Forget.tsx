import { Text } from "@mantine/core";
import { api } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";
import { Asking } from "@/components/acting";

/** The connection that the project saved; one from a file or the environment holds again. */
export function Forget({ engine, onDone }: { engine: string; onDone: () => void }) {
  return (
    <Asking
      label="Forget"
      title={`Forget how ${engine} is reached?`}
      confirm="Forget it"
      done={`Forgot how ${engine} is reached.`}
      size="sm"
      color="red"
      work={async () => {
        await api.DELETE("/api/v1/engines/{name}/connection", { params: { path: { name: engine } } });
        changed("/api/v1/engines");
        onDone();
      }}
    >
      <Text size="sm">
        Its settings and secrets are removed. Where the server&apos;s files or environment say how it is
        reached, that holds again. It is refused while something of the project is deployed there.
      </Text>
    </Asking>
  );
}
