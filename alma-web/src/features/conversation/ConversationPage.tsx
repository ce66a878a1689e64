import { Page } from "@/components/Page";
import { Empty } from "@/components/states";

export default function ConversationPage() {
  return (
    <Page title="Conversation">
      <Empty title="Nothing is here yet" />
    </Page>
  );
}
