import { Page } from "@/components/Page";
import { Empty } from "@/components/states";

export default function EditPage() {
  return (
    <Page title="Edit">
      <Empty title="Nothing is here yet" />
    </Page>
  );
}
