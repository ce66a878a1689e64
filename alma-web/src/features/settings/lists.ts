/** Long lists that came whole, a piece at a time. */
import { useState } from "react";

const AT_ONCE = 50;

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
