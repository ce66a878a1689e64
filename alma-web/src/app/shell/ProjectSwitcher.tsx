import { Select } from "@mantine/core";
import { useNavigate } from "react-router";
import { $api } from "@/lib/api/client";
import { useCaller } from "@/lib/permissions";
import { chooseProject } from "@/lib/project";

/** Which project one works in; only where there is a choice. */
export function ProjectSwitcher() {
  const caller = useCaller();
  const navigate = useNavigate();
  const { data } = $api.useQuery("get", "/api/v1/projects", { params: { query: { limit: 500 } } });
  const found = data?.items.filter(({ archived_at }) => archived_at === null) ?? [];
  if (found.length < 2) return null;
  return (
    <Select
      aria-label="Project"
      w={{ base: 120, sm: 180 }}
      data={found.map(({ id, name }) => ({ value: id, label: name }))}
      value={caller.project}
      searchable
      allowDeselect={false}
      onChange={(id) => {
        if (id === null || id === caller.project) return;
        chooseProject(id);
        void navigate("/"); // what is open belongs to the other project
      }}
    />
  );
}
