/** What can be done with a blueprint: edit, take along, delete. */
import { Button, Menu, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown, IconDownload, IconPencil, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { Link as Route, useNavigate } from "react-router";
import { AskingDialog } from "@/components/acting";
import { api, fetchOk } from "@/lib/api/client";
import { queries, changed } from "@/lib/api/queries";
import type { BlueprintView, RenderingView } from "@/lib/api/schema";
import { useMay } from "@/lib/permissions";
import { toldProblem } from "@/lib/told";
import { download, renderedFor, yamlOf } from "../calls";
import { Rendered } from "./Rendered";

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

/** Other tools, by what makes one file for each. */
const TOOLS = [
  { label: "Kubernetes manifests", engine: "kubernetes", format: "manifests" },
  { label: "Compose file", engine: "docker", format: "compose-inline" },
  { label: "OpenTofu for Proxmox VE", engine: "proxmox", format: "opentofu" },
  { label: "OpenTofu for AWS", engine: "aws", format: "opentofu" },
] as const;
type Tool = (typeof TOOLS)[number];

function Export({ blueprint: { id, name, revision } }: { blueprint: BlueprintView }) {
  const [rendered, setRendered] = useState<RenderingView | null>(null);
  async function render({ engine, format }: Tool) {
    try {
      const { made, file } = await renderedFor(id, revision, { engine, format });
      download(file.content, `${fileName(name)}.${file.path}`, "text/plain");
      if (made.notes.length > 0) setRendered(made);
    } catch (error) {
      toldProblem(error);
    }
  }
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
    <>
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
          <Menu.Divider />
          {TOOLS.map((tool) => (
            <Menu.Item key={tool.label} onClick={() => void render(tool)}>
              {tool.label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {rendered !== null && (
        <Rendered
          made={rendered}
          onClose={() => {
            setRendered(null);
          }}
        />
      )}
    </>
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
  async function remove() {
    await api.DELETE("/api/v1/blueprints/{blueprint_id}", {
      params: { path: { blueprint_id: id }, header: { "if-match": `"${revision}"` } },
    });
    void go("/blueprints");
    changed("/api/v1/blueprints");
  }
  return (
    <AskingDialog
      title="Delete this blueprint?"
      opened
      onClose={onClose}
      confirm="Delete it"
      refuse="Keep it"
      work={remove}
      done="The blueprint was deleted."
    >
      <Text>
        <b>{name}</b> goes from all lists. Requests and deployments of it stay readable. What still runs of it
        keeps it from being deleted.
      </Text>
    </AskingDialog>
  );
}
