import { Page } from "@/components/Page";
import { Empty } from "@/components/states";

export default function MonitoringPage() {
  return (
    <Page title="Monitoring">
      <Empty title="Nothing is here yet" />
    </Page>
  );
}
