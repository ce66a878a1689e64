import { Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { PlanDiff } from "@/components/plan/PlanDiff";
import { Loaded } from "@/components/states";
import type { PlanView } from "@/lib/api/schema";
import { called } from "./calls";

/** What would be done now, before anybody is asked for it. It changes nothing. */
export default function PlanLook({ path, onClose }: { path: string; onClose: () => void }) {
  const query = useQuery({
    queryKey: ["plan", path],
    queryFn: () => called<PlanView>({ path, body: {} }),
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const { data } = query;
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={data === undefined ? "The plan" : `The plan of ${data.blueprint_name} on ${data.engine}`}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Loaded query={query}>{(plan) => <PlanDiff plan={plan} />}</Loaded>
    </Modal>
  );
}
