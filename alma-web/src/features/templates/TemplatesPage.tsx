import { Page } from "@/components/Page";
import { Empty } from "@/components/states";

export default function TemplatesPage() {
  return (
    <Page title="Templates">
      <Empty title="Nothing is here yet" />
    </Page>
  );
}
