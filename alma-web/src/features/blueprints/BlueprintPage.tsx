import { Page } from "@/components/Page";
import { Empty } from "@/components/states";

export default function BlueprintPage() {
  return (
    <Page title="Blueprint">
      <Empty title="Nothing is here yet" />
    </Page>
  );
}
