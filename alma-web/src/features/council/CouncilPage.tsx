import { Page } from "@/components/Page";
import { Empty } from "@/components/states";

export default function CouncilPage() {
  return (
    <Page title="Council">
      <Empty title="Nothing is here yet" />
    </Page>
  );
}
