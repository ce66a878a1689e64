/** Long lists a piece at a time: of what the server cuts into pages, and of what came whole. */
import { useState } from "react";

const AT_ONCE = 50;

interface Pages<T> {
  data: { pages: { items: readonly T[]; total: number }[] } | undefined;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

/** What `Listing` takes of a list with pages. */
export function pagesOf<T>({ data, hasNextPage, isFetchingNextPage, fetchNextPage }: Pages<T>) {
  const pages = data?.pages ?? [];
  return {
    items: pages.flatMap(({ items }) => items),
    total: pages[0]?.total ?? 0,
    more: { has: hasNextPage, loading: isFetchingNextPage, fetch: () => void fetchNextPage() },
  };
}

/** What `Listing` takes of a list that is here as a whole. */
export function useSome<T>(items: readonly T[], atOnce = AT_ONCE) {
  const [shown, setShown] = useState(atOnce);
  return {
    items: items.slice(0, shown),
    total: items.length,
    more: {
      has: items.length > shown,
      loading: false,
      fetch: () => setShown(shown + atOnce),
    },
  };
}

/** Whether all words stand somewhere in the text, whatever their case. */
export function has(text: string, words: string): boolean {
  const where = text.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => where.includes(word));
}
