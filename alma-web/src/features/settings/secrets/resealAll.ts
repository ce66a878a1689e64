import { api } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";

/** Encrypts batch after batch until all are done; answers with where values stand that can't be read. */
export async function resealAll(): Promise<string[]> {
  const unreadable: string[] = [];
  let after: string | null = null;
  do {
    const { data }: { data?: { after?: string | null; unreadable: readonly string[] } } = await api.POST(
      "/api/v1/secrets/reencrypt",
      { body: { limit: 200, after } },
    );
    unreadable.push(...(data?.unreadable ?? []));
    after = data?.after ?? null;
  } while (after !== null);
  changed("/api/v1/secrets");
  return unreadable;
}
