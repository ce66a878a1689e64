import { Page } from "@/components/Page";
import { Empty } from "@/components/states";

export default function InfrastructurePage() {
  return (
    <Page title="Infrastructure">
      <Empty title="Nothing is here yet" />
    </Page>
  );
}
