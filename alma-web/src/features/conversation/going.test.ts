import { expect, it } from "vitest";
import type { DeploymentSummary } from "@/lib/api/schema";
import { summed } from "./going";

const run = (id: string, stack: string, status: DeploymentSummary["status"]) =>
  ({
    id,
    stack_id: stack,
    status,
    finished_at: status === "running" ? null : "2030-01-01",
  }) as DeploymentSummary;

it("counts a stack as in need only when its newest run went wrong, and it is still there", () => {
  const { going, needing } = summed(
    [
      run("6", "d", "failed"),
      run("5", "a", "running"),
      run("4", "b", "rolled_back"),
      run("3", "c", "succeeded"),
      run("2", "c", "failed"),
      run("1", "a", "failed"),
    ],
    [{ id: "a" }, { id: "b" }, { id: "c" }],
  );
  expect(going.map(({ id }) => id)).toEqual(["5"]);
  expect(needing.map(({ id }) => id)).toEqual(["4"]);
});
