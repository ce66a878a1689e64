/** Finding a tool among them. */
import type { ToolView } from "@/lib/api/schema";

type Searched = Pick<ToolView, "name" | "title" | "description" | "words" | "tags">;

export function tagsOf(tools: readonly Searched[]): string[] {
  return [...new Set(tools.flatMap(({ tags }) => tags))].sort();
}

/** Those with every word of the search in what they are called, do, or are asked for by. */
export function found<T extends Searched>(tools: readonly T[], search: string, tag: string | null): T[] {
  const sought = search.toLowerCase().split(/\s+/).filter(Boolean);
  return tools.filter(({ name, title, description, words, tags }) => {
    const text = [name.replaceAll("_", " "), title, description, ...words, ...tags].join(" ").toLowerCase();
    return (tag === null || tags.includes(tag)) && sought.every((word) => text.includes(word));
  });
}

/** The tool that another page leads to, with what it is to look at: `/tools/security_audit?blueprint=5`. */
export function givenBy(search: URLSearchParams): Record<string, unknown> {
  const number = search.get("blueprint");
  return number !== null && /^\d+$/.test(number) ? { blueprint_id: Number(number) } : {};
}
