import { Page } from "@/components/Page";
import { Empty } from "@/components/states";

export default function IPRsPage() {
  return (
    <Page title="IPRs">
      <Empty title="Nothing is here yet" />
    </Page>
  );
}
