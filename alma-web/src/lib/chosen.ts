/** What a list shows is in its address: it can be sent to somebody, and is there again after a step back. */
import { useSearchParams } from "react-router";

export interface Chosen {
  get: (name: string) => string | null;
  /** Null or nothing takes it out of the address again. */
  put: (name: string, value: string | null) => void;
}

export function useChosen(): Chosen {
  const [search, setSearch] = useSearchParams();
  return {
    get: (name) => search.get(name),
    put: (name, value) =>
      setSearch(
        (before) => {
          const next = new URLSearchParams(before);
          if (value === null || value === "") next.delete(name);
          else next.set(name, value);
          return next;
        },
        { replace: true },
      ),
  };
}

/** What somebody wrote into the address is one of those, or nothing. */
export function oneOf<T extends string>(text: string | null, all: readonly T[]): T | null {
  return all.find((one) => one === text) ?? null;
}
