import { Page } from "@/components/Page";
import { Empty } from "@/components/states";

export default function ImportPage() {
  return (
    <Page title="Import">
      <Empty title="Nothing is here yet" />
    </Page>
  );
}
