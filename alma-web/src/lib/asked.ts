/** What one looks for, kept in the address: it can be shared, and going back goes back. */
import { useSearchParams } from "react-router";

/** What is asked for, and how to ask for something else by name; an empty value asks for nothing. */
export function useAsked(): [URLSearchParams, (name: string, value: string | null) => void] {
  const [asked, setAsked] = useSearchParams();
  function ask(name: string, value: string | null) {
    // As it stands now, and not when this was drawn: two filters may change at once.
    const now = new URLSearchParams(window.location.search);
    if (value === null || value === "") now.delete(name);
    else now.set(name, value);
    setAsked(now, { replace: true });
  }
  return [asked, ask];
}
