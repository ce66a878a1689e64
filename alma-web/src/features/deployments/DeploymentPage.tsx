import { Page } from "@/components/Page";
import { Empty } from "@/components/states";

export default function DeploymentPage() {
  return (
    <Page title="Deployment">
      <Empty title="Nothing is here yet" />
    </Page>
  );
}
