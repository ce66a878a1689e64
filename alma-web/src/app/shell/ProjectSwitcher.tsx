import { Select, Text } from "@mantine/core";
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
  const names = new Map(found.map(({ id, name }) => [id, name]));
  return (
    <Select
      aria-label="Project"
      w={{ base: 120, sm: 200 }}
      data={found.map(({ id, name }) => ({ value: id, label: name }))}
      value={caller.project}
      searchable
      allowDeselect={false}
      nothingFoundMessage="No project is called that"
      comboboxProps={{ width: "max-content", position: "bottom-end" }}
      maxDropdownHeight={360}
      limit={100}
      renderOption={({ option }) => (
        <div className="wrap-anywhere" style={{ maxWidth: 320 }}>
          <Text size="sm">{names.get(option.value)}</Text>
          <Text size="xs" c="dimmed">
            {roleIn(caller.projects?.[option.value], option.value)}
          </Text>
        </div>
      )}
      onChange={(id) => {
        if (id === null || id === caller.project) return;
        chooseProject(id);
        void navigate("/"); // what is open belongs to the other project
      }}
    />
  );
}

function roleIn(roles: readonly string[] | undefined, id: string): string {
  return roles === undefined ? id : `${id} · ${roles.join(", ")}`;
}
