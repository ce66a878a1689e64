/** What can be done with a blueprint: edit, take along, delete. */
import { Button, Group, Menu, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown, IconDownload, IconPencil, IconTrash } from "@tabler/icons-react";
import { Link as Route, useNavigate } from "react-router";
import { ProblemAlert } from "@/components/states";
import { $api, fetchOk } from "@/lib/api/client";
import { queries, changed } from "@/lib/api/queries";
import type { BlueprintView } from "@/lib/api/schema";
import { useMay } from "@/lib/permissions";
import { toldDone, toldProblem } from "@/lib/told";
import { download, yamlOf } from "../calls";

export function Actions({ blueprint }: { blueprint: BlueprintView }) {
  const mayWrite = useMay("blueprint:write");
  const mayDelete = useMay("blueprint:delete");
  const [deleting, { open, close }] = useDisclosure();
  return (
    <>
      <Export blueprint={blueprint} />
      {mayDelete && (
        <Button variant="default" leftSection={<IconTrash size={16} />} onClick={open}>
          Delete
        </Button>
      )}
      {mayWrite && (
        <Button
          component={Route}
          to={`/blueprints/${blueprint.id}/edit`}
          leftSection={<IconPencil size={16} />}
        >
          Edit
        </Button>
      )}
      {deleting && <Deletion blueprint={blueprint} onClose={close} />}
    </>
  );
}

/** A name that every file system takes. */
function fileName(name: string): string {
  return name.replaceAll(/[^\w.-]+/g, "-").replaceAll(/^[-.]+|-+$/g, "") || "blueprint";
}

function Export({ blueprint: { id, name, revision } }: { blueprint: BlueprintView }) {
  async function take(form: "yaml" | "json") {
    try {
      const text =
        form === "yaml"
          ? (await queries.query(yamlOf(id, revision))).text
          : await (await fetchOk(`/api/v1/blueprints/${id}?format=json&revision=${revision}`)).text();
      download(text, `${fileName(name)}.${form}`, `application/${form}`);
    } catch (error) {
      toldProblem(error);
    }
  }
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<IconDownload size={16} />}
          rightSection={<IconChevronDown size={14} />}
        >
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => void take("yaml")}>YAML</Menu.Item>
        <Menu.Item onClick={() => void take("json")}>JSON</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Deletion({
  blueprint: { id, name, revision },
  onClose,
}: {
  blueprint: BlueprintView;
  onClose: () => void;
}) {
  const go = useNavigate();
  const remove = $api.useMutation("delete", "/api/v1/blueprints/{blueprint_id}", {
    onSuccess: () => {
      toldDone("The blueprint was deleted.");
      void go("/blueprints");
      changed("/api/v1/blueprints");
    },
  });
  return (
    <Modal
      opened
      closeButtonProps={{ "aria-label": "Close" }}
      onClose={onClose}
      title="Delete this blueprint?"
    >
      <Stack>
        <Text className="wrap-anywhere">
          <b>{name}</b> goes from all lists. Requests and deployments of it stay readable. What still runs of
          it keeps it from being deleted.
        </Text>
        {remove.error !== null && <ProblemAlert problem={remove.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep it
          </Button>
          <Button
            color="red"
            loading={remove.isPending}
            onClick={() =>
              remove.mutate({
                params: { path: { blueprint_id: id }, header: { "if-match": `"${revision}"` } },
              })
            }
          >
            Delete it
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
