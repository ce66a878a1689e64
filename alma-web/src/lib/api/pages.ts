/** Lists that the API cuts into pages: how one asks for the next, and what `Listing` takes of those that are here. */

interface Part<T> {
  items: readonly T[];
  total: number;
}

interface Pages<T> {
  data: { pages: readonly Part<T>[] } | undefined;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

/** What `$api.useInfiniteQuery` is to know of every list of the API. */
export const byCursor = {
  pageParamName: "cursor",
  // The first page is asked for without a cursor: nothing is sent for null, where undefined would be sent as 0.
  initialPageParam: null,
  getNextPageParam: (last: { next_cursor?: string | null }) => last.next_cursor ?? undefined,
};

/** The entries of all pages that are here, how many there are in all, and how to get more. */
export function pagesOf<T>({ data, hasNextPage, isFetchingNextPage, fetchNextPage }: Pages<T>) {
  const pages = data?.pages ?? [];
  return {
    items: pages.flatMap(({ items }) => items),
    total: pages[0]?.total ?? 0,
    more: { has: hasNextPage, loading: isFetchingNextPage, fetch: () => void fetchNextPage() },
  };
}
