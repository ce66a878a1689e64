import { render, screen } from "@testing-library/react";
import { Component, type ReactNode, Suspense } from "react";
import { expect, it, vi } from "vitest";
import { type Load, NotFetched, whenFetched } from "./fetching";

const GONE = new TypeError("Failed to fetch dynamically imported module");

class Boundary extends Component<{ children: ReactNode; caught: (error: unknown) => void }> {
  override state = { failed: false };
  static getDerivedStateFromError() {
    return { failed: true };
  }
  override componentDidCatch(error: unknown) {
    this.props.caught(error);
  }
  override render() {
    return this.state.failed ? <p>failed</p> : this.props.children;
  }
}

function loading(...failures: unknown[]) {
  const load = vi.fn<Load>();
  for (const failure of failures) load.mockRejectedValueOnce(failure);
  return load.mockResolvedValue({ default: () => <p>the page</p> });
}

function shown(Fetched: ReturnType<typeof whenFetched>, caught: (error: unknown) => void) {
  return render(
    <Boundary caught={caught}>
      <Suspense>
        <Fetched />
      </Suspense>
    </Boundary>,
  );
}

it("asks once more when a page did not come", async () => {
  const load = loading(GONE);
  shown(whenFetched(load), vi.fn());
  expect(await screen.findByText("the page")).toBeVisible();
  expect(load).toHaveBeenCalledTimes(2);
});

it("tells that it was not fetched, and asks anew for whoever comes later", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined); // React tells of what is caught
  const load = loading(GONE, GONE);
  const caught = vi.fn<(error: unknown) => void>();
  const Fetched = whenFetched(load);
  const first = shown(Fetched, caught);
  expect(await screen.findByText("failed")).toBeVisible();
  const error = caught.mock.calls[0]?.[0];
  if (!(error instanceof NotFetched)) throw new Error("another error");
  expect(error.message).toBe(GONE.message);
  expect(load).toHaveBeenCalledTimes(2);
  error.forget();
  first.unmount();
  shown(Fetched, caught);
  expect(await screen.findByText("the page")).toBeVisible();
});
