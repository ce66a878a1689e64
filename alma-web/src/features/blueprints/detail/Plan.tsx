/** What deploying would do now, on an engine that one chooses, and the way to ask for it. */
import { Alert, Badge, Button, Group, NumberInput, Select, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconGitPullRequest, IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { PlanDiff } from "@/components/plan/PlanDiff";
import { Loaded } from "@/components/states";
import { $api } from "@/lib/api/client";
import type { BlueprintView, Strategy } from "@/lib/api/schema";
import { words } from "@/lib/format";
import { useMay } from "@/lib/permissions";
import { planOf, type Wish } from "../calls";

const OpenRequest = lazy(() => import("./OpenRequest"));

/** Those that are an order of one plan. */
const STRATEGIES: { value: Strategy; label: string }[] = [
  { value: "all-at-once", label: "All at once" },
  { value: "rolling", label: "Rolling: a few at a time" },
  { value: "canary", label: "Canary: one, then the rest" },
];

export function Plan({ blueprint }: { blueprint: BlueprintView }) {
  const [wish, setWish] = useState<Wish>({ engine: null, strategy: null, batch: null });
  const [asking, { open, close }] = useDisclosure();
  const mayOpen = useMay("ipr:open");
  const plan = useQuery(planOf(blueprint, wish));
  return (
    <Stack gap="md">
      <Group align="flex-end" gap="sm">
        <Where blueprint={blueprint} wish={wish} choose={setWish} />
        <Button
          variant="default"
          leftSection={<IconRefresh size={16} />}
          loading={plan.isFetching}
          onClick={() => void plan.refetch()}
        >
          Plan again
        </Button>
        {mayOpen && (
          <Button
            leftSection={<IconGitPullRequest size={16} />}
            disabled={plan.data === undefined || plan.data.blocked}
            onClick={open}
          >
            Open a request
          </Button>
        )}
      </Group>
      <Loaded query={plan}>
        {(found) => (
          <Stack gap="sm">
            {found.blocked && (
              <Alert color="red" title="This plan can't run">
                Mend what stands below, or choose another engine. A request for it could not be approved.
              </Alert>
            )}
            <Group gap="xs">
              <Text size="sm" c="dimmed">
                Revision {found.revision} on {found.engine}, {words(found.strategy)}
              </Text>
              {found.drift.length > 0 && (
                <Badge color="orange" variant="light" autoContrast>
                  {found.drift.length} changed outside
                </Badge>
              )}
            </Group>
            <PlanDiff plan={found} />
          </Stack>
        )}
      </Loaded>
      <Suspense>{asking && <OpenRequest blueprint={blueprint} wish={wish} onClose={close} />}</Suspense>
    </Stack>
  );
}

interface WhereProps {
  blueprint: BlueprintView;
  wish: Wish;
  choose: (wish: Wish) => void;
}

function Where({ blueprint, wish, choose }: WhereProps) {
  const engines = $api.useQuery("get", "/api/v1/engines", {}, { staleTime: 30_000 });
  const items = engines.data?.items ?? [];
  const usual = blueprint.engine ?? items.find((item) => item.default)?.engine ?? null;
  return (
    <>
      <Select
        label="Engine"
        w={220}
        data={items.map(({ engine, configured }) => ({
          value: engine,
          label: configured ? engine : `${engine} (not set up)`,
        }))}
        value={wish.engine ?? usual}
        onChange={(engine) => choose({ ...wish, engine })}
        allowDeselect={false}
      />
      <Select
        label="Strategy"
        w={220}
        data={STRATEGIES}
        value={wish.strategy ?? "all-at-once"}
        onChange={(strategy) => choose({ ...wish, strategy, batch: null })}
        allowDeselect={false}
      />
      {wish.strategy === "rolling" && (
        <NumberInput
          label="At a time"
          w={110}
          min={1}
          max={1000}
          allowDecimal={false}
          value={wish.batch ?? 1}
          onChange={(batch) => choose({ ...wish, batch: typeof batch === "number" ? batch : null })}
        />
      )}
    </>
  );
}
