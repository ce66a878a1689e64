/** The parts of `generate_deployment_plan` that are shown here. A tool's result is any JSON: what isn't there stays empty. */
export interface Rollout {
  digest: string | null;
  ready: boolean;
  median: number | null;
  p90: number | null;
  basis: string;
  checks: { name: string; standing: string; detail: string }[];
  trigger: string;
  back: { address: string; does: string; restores: boolean }[];
  notRestored: string[];
  leftOut: number;
}

type Json = Record<string, unknown>;

function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(object) : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function number(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

export function rolloutOf(result: unknown): Rollout {
  const told = object(result);
  const rollback = object(told.rollback);
  const times = object(told.estimated_duration);
  return {
    digest: text(told.plan_digest) || null,
    ready: told.ready === true,
    median: number(times.median),
    p90: number(times.p90),
    basis: text(times.basis),
    checks: list(told.pre_checks).map(({ name, standing, detail }) => ({
      name: text(name),
      standing: text(standing),
      detail: text(detail),
    })),
    trigger: text(rollback.trigger),
    back: list(rollback.steps).map(({ address, does, restores }) => ({
      address: text(address),
      does: text(does),
      restores: restores === true,
    })),
    notRestored: Array.isArray(rollback.not_restored) ? rollback.not_restored.map(text).filter(Boolean) : [],
    leftOut: number(told.left_out) ?? 0,
  };
}
