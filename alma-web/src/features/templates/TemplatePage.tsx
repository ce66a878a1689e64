import { Page } from "@/components/Page";
import { Empty } from "@/components/states";

export default function TemplatePage() {
  return (
    <Page title="Template">
      <Empty title="Nothing is here yet" />
    </Page>
  );
}
