import { Page } from "@/components/Page";
import { Empty } from "@/components/states";

export default function ToolsPage() {
  return (
    <Page title="Tools">
      <Empty title="Nothing is here yet" />
    </Page>
  );
}
