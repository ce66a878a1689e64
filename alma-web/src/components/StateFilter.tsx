/** Shows only those in one state, or all. */
import { Chip, Group } from "@mantine/core";
import { oneOf } from "@/lib/chosen";
import { words } from "@/lib/format";

interface StateFilterProps<T extends string> {
  states: readonly T[];
  /** Null: all. */
  value: T | null;
  onChange: (state: T | null) => void;
}

const ALL = "all";

export function StateFilter<T extends string>({ states, value, onChange }: StateFilterProps<T>) {
  const shown: readonly string[] = [ALL, ...states];
  const now: string = value ?? ALL;
  return (
    <Chip.Group value={now} onChange={(chosen) => onChange(oneOf(chosen, states))}>
      <Group gap={6} role="group" aria-label="Show only those in one state">
        {shown.map((state) => (
          <Chip key={state} value={state} size="xs">
            {words(state)}
          </Chip>
        ))}
      </Group>
    </Chip.Group>
  );
}
