import { act, render, screen } from "@testing-library/react";
import { createElement } from "react";
import { expect, it, vi } from "vitest";
import { makeStore, useStore } from "./store";

it("tells those who watch what is new, and only that", () => {
  const store = makeStore(1);
  const listener = vi.fn();
  const stop = store.subscribe(listener);
  store.set(1);
  expect(listener).not.toHaveBeenCalled();
  store.set(2);
  expect(listener).toHaveBeenCalledOnce();
  stop();
  store.set(3);
  expect(listener).toHaveBeenCalledOnce();
  expect(store.get()).toBe(3);
});

it("tells everybody, also when one of them leaves meanwhile", () => {
  const store = makeStore(1);
  const second = vi.fn();
  const stop = store.subscribe(() => {
    stop();
  });
  store.subscribe(second);
  store.set(2);
  expect(second).toHaveBeenCalledOnce();
});

it("is drawn anew when it changes", () => {
  const store = makeStore("before");
  function Shown() {
    return useStore(store);
  }
  render(createElement(Shown));
  act(() => store.set("after"));
  expect(screen.getByText("after")).toBeInTheDocument();
});
