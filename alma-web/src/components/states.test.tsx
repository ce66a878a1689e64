import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { Problem, unreachable } from "@/lib/api/problem";
import { Loaded } from "./states";

const PENDING = { data: undefined, error: null, isPending: true, refetch: vi.fn() };

function shown(query: { data?: string; error: unknown; isPending: boolean }) {
  return (
    <MantineProvider>
      <Loaded query={{ data: undefined, refetch: vi.fn(), ...query }}>{(data) => <p>{data}</p>}</Loaded>
    </MantineProvider>
  );
}

function failed(error: unknown) {
  return { error, isPending: false };
}

it("says what is wrong until it is there, also while it is asked for again", () => {
  const { rerender } = render(shown(PENDING));
  expect(screen.getByLabelText("Loading")).toBeVisible();
  rerender(shown(failed(unreachable())));
  expect(screen.getByRole("alert")).toHaveTextContent("The server can't be reached");
  expect(screen.getByRole("alert")).toHaveTextContent("This page tries again by itself");
  rerender(shown(PENDING));
  expect(screen.getByRole("alert")).toHaveTextContent("The server can't be reached");
  rerender(shown({ data: "here", error: null, isPending: false }));
  expect(screen.queryByRole("alert")).toBeNull();
  expect(screen.getByText("here")).toBeVisible();
});

it("waits anew after a refusal, which may be of something else", () => {
  const { rerender } = render(shown(failed(new Problem("You may not", { status: 403 }))));
  expect(screen.getByRole("alert")).not.toHaveTextContent("by itself");
  rerender(shown(PENDING));
  expect(screen.queryByRole("alert")).toBeNull();
  expect(screen.getByLabelText("Loading")).toBeVisible();
});

it("keeps what was there, and says that it is of before", () => {
  render(shown({ data: "here", error: unreachable(), isPending: false }));
  expect(screen.getByRole("status")).toHaveTextContent("Not up to date");
  expect(screen.getByText("here")).toBeVisible();
});
