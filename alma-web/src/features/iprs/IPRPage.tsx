import { Page } from "@/components/Page";
import { Empty } from "@/components/states";

export default function IPRPage() {
  return (
    <Page title="IPR">
      <Empty title="Nothing is here yet" />
    </Page>
  );
}
