/** Short words at the edge of the page, on what was just done or could not be. */
import { notifications } from "@mantine/notifications";
import { asProblem } from "./api/problem";

const CLOSE = { "aria-label": "Close" };

export function toldDone(message: string): void {
  notifications.show({ message, color: "green", closeButtonProps: CLOSE });
}

export function toldProblem(error: unknown): void {
  const problem = asProblem(error);
  notifications.show({
    title: problem.message,
    message: problem.hint ?? "",
    color: "red",
    autoClose: 10_000,
    closeButtonProps: CLOSE,
  });
}
