import { Page } from "@/components/Page";
import { Empty } from "@/components/states";

export default function BlueprintsPage() {
  return (
    <Page title="Blueprints">
      <Empty title="Nothing is here yet" />
    </Page>
  );
}
