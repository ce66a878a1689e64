import { Stack } from "@mantine/core";
import { useSearchParams } from "react-router";
import { Empty, Loaded } from "@/components/states";
import { $api } from "@/lib/api/client";
import { byCursor, pagesOf } from "@/lib/api/pages";
import { useCaller } from "@/lib/permissions";
import { Entries } from "./Entries";
import { Entry } from "./Entry";
import { FilterBar } from "./FilterBar";
import { filtersOf } from "./filters";
import { Proof } from "./Proof";

export default function AuditSection() {
  const [search, setSearch] = useSearchParams();
  const { administrator } = useCaller();
  const filters = filtersOf(search);
  const query = $api.useInfiniteQuery(
    "get",
    "/api/v1/audit",
    { params: { query: { ...filters, everywhere: filters.everywhere && administrator, limit: 50 } } },
    byCursor,
  );
  const entry = Number(search.get("entry"));
  function show(seq: number | null) {
    setSearch((before) => {
      if (seq === null) before.delete("entry");
      else before.set("entry", String(seq));
      return before;
    });
  }
  return (
    <Stack>
      {administrator && <Proof />}
      <FilterBar />
      <Loaded query={query}>
        {() => {
          const entries = pagesOf(query);
          return entries.items.length === 0 ? (
            <Empty title="No entry fits">
              Whatever changes something writes an entry. Look at other days, or leave a filter out.
            </Empty>
          ) : (
            <Entries {...entries} onShow={show} />
          );
        }}
      </Loaded>
      {Number.isInteger(entry) && entry > 0 && <Entry seq={entry} onClose={() => show(null)} />}
    </Stack>
  );
}
