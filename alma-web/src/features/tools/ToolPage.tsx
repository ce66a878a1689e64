import { Page } from "@/components/Page";
import { Empty } from "@/components/states";

export default function ToolPage() {
  return (
    <Page title="Tool">
      <Empty title="Nothing is here yet" />
    </Page>
  );
}
