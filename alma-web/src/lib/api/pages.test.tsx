import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { $api } from "./client";
import { byCursor, pagesOf } from "./pages";

const PAGES = [
  { items: [{ id: 1 }, { id: 2 }], total: 3, next_cursor: "b" },
  { items: [{ id: 3 }], total: 3, next_cursor: null },
];

afterEach(() => {
  vi.unstubAllGlobals();
});

function useProjects() {
  const query = $api.useInfiniteQuery(
    "get",
    "/api/v1/projects",
    { params: { query: { limit: 2 } } },
    byCursor,
  );
  return pagesOf(query);
}

it("asks for the first page without a cursor, and for the next ones by what the last one said", async () => {
  const asked: (string | null)[] = [];
  vi.stubGlobal("fetch", (request: Request) => {
    asked.push(new URL(request.url).searchParams.get("cursor"));
    return Promise.resolve(Response.json(PAGES[asked.length - 1]));
  });
  const { result } = renderHook(useProjects, {
    wrapper: ({ children }) => (
      <QueryClientProvider client={new QueryClient()}>{children}</QueryClientProvider>
    ),
  });
  await waitFor(() => expect(result.current.items).toHaveLength(2));
  expect(result.current).toMatchObject({ total: 3, more: { has: true, loading: false } });
  act(() => result.current.more.fetch());
  await waitFor(() => expect(result.current.items).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]));
  expect(result.current.more.has).toBe(false);
  expect(asked).toEqual([null, "b"]);
});

it("has nothing before the first page is here", () => {
  const query = { data: undefined, hasNextPage: false, isFetchingNextPage: false, fetchNextPage: vi.fn() };
  expect(pagesOf(query)).toMatchObject({ items: [], total: 0, more: { has: false } });
});
