/** What was typed and not said yet: it survives another page and a reload, until the browser's tab is closed. */
import { useState } from "react";

const KEY = "alma.typed.";

function read(id: string): string {
  try {
    return sessionStorage.getItem(KEY + id) ?? "";
  } catch {
    return "";
  }
}

function write(id: string, text: string): void {
  try {
    if (text === "") sessionStorage.removeItem(KEY + id);
    else sessionStorage.setItem(KEY + id, text);
  } catch {
    // It holds until the page is left.
  }
}

export function useTyped(id: string): [string, (text: string) => void] {
  const [typed, setTyped] = useState({ id, text: read(id) });
  const text = typed.id === id ? typed.text : read(id);
  return [
    text,
    (next) => {
      write(id, next);
      setTyped({ id, text: next });
    },
  ];
}
