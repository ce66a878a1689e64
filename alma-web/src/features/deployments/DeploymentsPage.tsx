import { Page } from "@/components/Page";
import { Empty } from "@/components/states";

export default function DeploymentsPage() {
  return (
    <Page title="Deployments">
      <Empty title="Nothing is here yet" />
    </Page>
  );
}
