/** What can be said about how an engine is reached, field by field, and how a form becomes settings. */
import type { ConnectionView } from "@/lib/api/schema";

export interface Field {
  name: string;
  label: string;
  about: string;
  /** `document` is a secret of many lines, such as a whole file. */
  kind: "text" | "secret" | "document" | "lines" | "number" | "switch";
  /** Rarely needed: folded away. */
  rare?: boolean;
}

/** A form's values: text of all but switches. */
export type Values = Record<string, string | boolean>;

const PROXMOX: Field[] = [
  {
    name: "urls",
    label: "Addresses",
    kind: "lines",
    about: "Nodes of one cluster, one a line, tried in this order: https://pve1.example.org:8006",
  },
  {
    name: "token",
    label: "API token",
    kind: "secret",
    about: "user@realm!name=secret. Better than a password: it has privileges of its own.",
  },
  { name: "user", label: "User", kind: "text", about: "Only without a token: alma@pve" },
  { name: "password", label: "Password", kind: "secret", about: "Of that user." },
  { name: "totp", label: "Second factor", kind: "secret", about: "The base32 seed of the user's TOTP." },
  {
    name: "fingerprint",
    label: "Certificate's fingerprint",
    kind: "text",
    about: "SHA-256, where no public authority proves the certificate. Several with commas.",
  },
  {
    name: "ca_file",
    label: "Authority's file",
    kind: "text",
    about: "A file on ALMA's machine; for administrators.",
  },
  { name: "node", label: "Node", kind: "text", about: "Where a blueprint names none." },
  { name: "storage", label: "Storage", kind: "text", about: "For disks, where a blueprint names none." },
  { name: "image_storage", label: "Storage of images", kind: "text", about: "For templates and images." },
  { name: "bridge", label: "Bridge", kind: "text", about: "Such as vmbr0." },
  { name: "pool", label: "Pool", kind: "text", about: "The resource pool that guests go into." },
  { name: "vmid_first", label: "First VM id", kind: "number", about: "100 if nothing is said.", rare: true },
  {
    name: "vmid_last",
    label: "Last VM id",
    kind: "number",
    about: "999999999 if nothing is said.",
    rare: true,
  },
  {
    name: "tasks_per_node",
    label: "Tasks a node",
    kind: "number",
    about: "At once. 4 if nothing is said.",
    rare: true,
  },
  {
    name: "tasks_per_storage",
    label: "Tasks a storage",
    kind: "number",
    about: "At once. 4 if nothing is said.",
    rare: true,
  },
  {
    name: "request_timeout",
    label: "Patience for an answer",
    kind: "number",
    about: "Seconds. 30 if nothing is said.",
    rare: true,
  },
  {
    name: "task_timeout",
    label: "Patience for a task",
    kind: "number",
    about: "Seconds. 3600 if nothing is said.",
    rare: true,
  },
  {
    name: "discard_unreferenced_disks",
    label: "Discard disks that no guest uses",
    kind: "switch",
    about: "When a guest with ALMA's mark is removed.",
    rare: true,
  },
];

const DOCKER: Field[] = [
  {
    name: "host",
    label: "Address",
    kind: "text",
    about: "tcp://10.0.0.5:2376 or ssh://me@host. Sockets and SSH use ALMA's machine: for administrators.",
  },
  {
    name: "publish_address",
    label: "Address to publish ports at",
    kind: "text",
    about: "127.0.0.1 if nothing is said.",
  },
  {
    name: "max_parallel",
    label: "Changes at once",
    kind: "number",
    about: "8 if nothing is said.",
    rare: true,
  },
  {
    name: "request_timeout",
    label: "Patience for an answer",
    kind: "number",
    about: "Seconds. 60 if nothing is said.",
    rare: true,
  },
  {
    name: "stop_timeout",
    label: "Patience for stopping",
    kind: "number",
    about: "Seconds. 20 if nothing is said.",
    rare: true,
  },
];

const KUBERNETES: Field[] = [
  {
    name: "kubeconfig_text",
    label: "Kubeconfig",
    kind: "document",
    about:
      "The whole text. It may name no file and no program of ALMA's machine: tokens and certificates are inside.",
  },
  {
    name: "context",
    label: "Context",
    kind: "text",
    about: "One of the kubeconfig's; its current one if nothing is said.",
  },
  {
    name: "namespace",
    label: "Namespace",
    kind: "text",
    about: "One that is there, for all stacks. If nothing is said, each stack gets its own.",
  },
  {
    name: "storage_class",
    label: "Storage class",
    kind: "text",
    about: "The cluster's default if nothing is said.",
  },
  {
    name: "ingress_class",
    label: "Ingress class",
    kind: "text",
    about: "Such as nginx. If nothing is said, nothing is published through an Ingress.",
  },
  {
    name: "image_pull_secrets",
    label: "Secrets for private registries",
    kind: "lines",
    about: "Names of Secrets in the namespace, one a line.",
  },
  {
    name: "public_service",
    label: "How ports are published",
    kind: "text",
    about: "LoadBalancer or NodePort. LoadBalancer if nothing is said.",
  },
  {
    name: "pod_security",
    label: "Pod security",
    kind: "text",
    about: "restricted, baseline or privileged. restricted if nothing is said.",
  },
  {
    name: "kubeconfig",
    label: "Kubeconfig's file",
    kind: "text",
    about: "A file on ALMA's machine; for administrators.",
    rare: true,
  },
  {
    name: "max_parallel",
    label: "Changes at once",
    kind: "number",
    about: "8 if nothing is said.",
    rare: true,
  },
  {
    name: "request_timeout",
    label: "Patience for an answer",
    kind: "number",
    about: "Seconds. 30 if nothing is said.",
    rare: true,
  },
  {
    name: "rollout_timeout",
    label: "Patience for a rollout",
    kind: "number",
    about: "Seconds. 300 if nothing is said.",
    rare: true,
  },
];

const FIELDS: Record<string, Field[]> = { proxmox: PROXMOX, docker: DOCKER, kubernetes: KUBERNETES };

const HIDDEN: ReadonlySet<Field["kind"]> = new Set(["secret", "document"]);

/** Of an engine (`proxmox@lab` is one); empty where only the engine itself knows. */
export function fieldsOf(engine: string): Field[] {
  return FIELDS[engine.split("@")[0] ?? ""] ?? [];
}

/** The form as it is first shown. Of secrets nothing is known but their names. */
export function valuesOf(fields: readonly Field[], connection: ConnectionView): Values {
  return Object.fromEntries(fields.map(({ name, kind }) => [name, valueOf(kind, connection.settings[name])]));
}

function valueOf(kind: Field["kind"], value: unknown): string | boolean {
  if (kind === "switch") return value === true;
  if (HIDDEN.has(kind) || value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(String).join("\n");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What is sent: all that was said, and what is set that no field is there for. What is empty is not set any more. */
export function settingsOf(
  fields: readonly Field[],
  values: Values,
  connection: ConnectionView,
): Record<string, unknown> {
  const known = new Set(fields.map(({ name }) => name));
  const others = Object.entries(connection.settings).filter(
    ([name, value]) => !known.has(name) && value !== null,
  );
  const said = fields
    .map(({ name, kind }): [string, unknown] => [name, sentOf(kind, values[name] ?? "")])
    .filter(([, value]) => value !== undefined);
  return Object.fromEntries([...others, ...said]);
}

function sentOf(kind: Field["kind"], value: string | boolean): unknown {
  if (typeof value === "boolean") return value ? true : undefined;
  const text = value.trim();
  if (text === "") return undefined;
  if (kind === "number") return Number.isFinite(Number(text)) ? Number(text) : text;
  if (kind === "lines") return text.split(/\s*\n\s*/);
  return HIDDEN.has(kind) ? value : text;
}

/** Secrets that are set and were not entered again: saving takes them away. */
export function goingAway(fields: readonly Field[], values: Values, connection: ConnectionView): string[] {
  const given = new Set(fields.filter(({ name }) => values[name] !== "").map(({ name }) => name));
  return (connection.secrets ?? []).filter((name) => !given.has(name));
}
