import { Page } from "@/components/Page";
import { Empty } from "@/components/states";

export default function StackPage() {
  return (
    <Page title="Stack">
      <Empty title="Nothing is here yet" />
    </Page>
  );
}
