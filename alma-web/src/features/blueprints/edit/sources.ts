/** What a file is that somebody brings: a blueprint already, or something to be made one of. */
import { parse } from "yaml";

export const LARGEST = 4_000_000;

export const FORMS = [
  { value: "auto", label: "Find out" },
  { value: "blueprint", label: "Blueprint (YAML or JSON)" },
  { value: "compose", label: "Compose file" },
  { value: "kubernetes", label: "Kubernetes manifests" },
  { value: "terraform", label: "Terraform state" },
] as const;

/** Keys that a blueprint never has at its top, and other documents do. */
const FOREIGN = ["services", "kind", "apiVersion", "terraform_version", "lineage"];

export function isBlueprint(text: string): boolean {
  let read: unknown;
  try {
    read = parse(text, { logLevel: "error" });
  } catch {
    return false;
  }
  if (typeof read !== "object" || read === null || FOREIGN.some((key) => key in read)) return false;
  return (
    "name" in read &&
    typeof read.name === "string" &&
    (!("resources" in read) || Array.isArray(read.resources))
  );
}

/** What can be drawn of a text, if it is a blueprint; the server has checked it. */
export function drawable(text: string): unknown {
  try {
    return parse(text, { logLevel: "error", maxAliasCount: 100 });
  } catch {
    return null;
  }
}

export const FIRST = `name: my-blueprint
description: What this is for
resources:
  - name: web
    type: service
    engine: nginx
    specs: {cpu: 1, memory: 512MB}
    network: {ports: [80]}
`;
