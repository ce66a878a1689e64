/** What the API is asked about blueprints in forms that the typed client has no words for: texts instead of JSON. */
import { queryOptions } from "@tanstack/react-query";
import type { Schema } from "@/components/editor/schema";
import { api, fetchOk } from "@/lib/api/client";
import type {
  BlueprintView,
  ConversionView,
  PlanView,
  RenderedFileView,
  RenderingView,
  Strategy,
  Validation,
} from "@/lib/api/schema";

const BASE = "/api/v1/blueprints";
const YAML = { "Content-Type": "application/yaml" };

async function json<T>(response: Response): Promise<T> {
  return (await response.json()) as T;
}

/** The newest revision. */
export function blueprintOf(id: string) {
  return queryOptions({
    queryKey: ["get", `${BASE}/${id}`],
    queryFn: async ({ signal }) =>
      json<BlueprintView>(await fetchOk(`${BASE}/${encodeURIComponent(id)}`, { signal })),
  });
}

/** The blueprint's text as the server writes it. */
export function yamlOf(id: number, revision: number | null = null) {
  return queryOptions({
    queryKey: ["get", `${BASE}/${id}`, "yaml", revision],
    queryFn: async ({ signal }) => {
      const asked = revision === null ? "" : `&revision=${revision}`;
      const response = await fetchOk(`${BASE}/${id}?format=yaml${asked}`, { signal });
      return { text: await response.text(), revision: revisionOf(response) };
    },
  });
}

/** The ETag is the revision. */
function revisionOf(response: Response): number {
  return Number(response.headers.get("ETag")?.replace(/\D/g, "") ?? Number.NaN);
}

export function schemaOfBlueprints() {
  return queryOptions({
    queryKey: ["get", `${BASE}/schema`],
    queryFn: async ({ signal }) => json<Schema>(await fetchOk(`${BASE}/schema`, { signal })),
    staleTime: Infinity,
  });
}

export function checked(text: string) {
  return queryOptions({
    queryKey: ["post", `${BASE}/validate`, text],
    queryFn: async ({ signal }) =>
      json<Validation>(
        await fetchOk(`${BASE}/validate`, { method: "POST", body: text, headers: YAML, signal }),
      ),
    staleTime: 60_000,
  });
}

/** Saves a text: a new blueprint, or the revision after `base`, and no other. */
export async function saved(text: string, on: { id: number; base: number } | null): Promise<BlueprintView> {
  const headers = on === null ? YAML : { ...YAML, "If-Match": `"${on.base}"` };
  const [path, method] = on === null ? [BASE, "POST"] : [`${BASE}/${on.id}`, "PUT"];
  return json(await fetchOk(path, { method, body: text, headers }));
}

export async function converted(text: string, form: string, name: string): Promise<ConversionView> {
  const query = new URLSearchParams({ from: form, ...(name === "" ? {} : { name }) });
  return json(
    await fetchOk(`${BASE}/convert?${query.toString()}`, { method: "POST", body: text, headers: YAML }),
  );
}

/** A revision as the one file of another tool, with what has to be known about it. */
export async function renderedFor(
  id: number,
  revision: number,
  asked: { engine: string; format: string },
): Promise<{ made: RenderingView; file: RenderedFileView }> {
  const query = new URLSearchParams({ ...asked, revision: String(revision) });
  const made = await json<RenderingView>(await fetchOk(`${BASE}/${id}/render?${query.toString()}`));
  const file = made.files.at(0);
  if (file === undefined) throw new Error("Nothing was rendered.");
  return { made, file };
}

export interface Wish {
  engine: string | null;
  strategy: Strategy | null;
  batch: number | null;
}

/** What would be done now. Changes nothing, so it is asked like something that is read. */
export function planOf(blueprint: Pick<BlueprintView, "id" | "revision">, wish: Wish) {
  return queryOptions({
    queryKey: ["post", `${BASE}/${blueprint.id}/plan`, blueprint.revision, wish],
    queryFn: async ({ signal }): Promise<PlanView> => {
      const { data } = await api.POST("/api/v1/blueprints/{blueprint_id}/plan", {
        params: { path: { blueprint_id: blueprint.id } },
        body: wish,
        signal,
      });
      return data as PlanView;
    },
    retry: false,
    staleTime: 30_000,
  });
}

export function download(text: string, name: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
