import { Page } from "@/components/Page";
import { Empty } from "@/components/states";

export default function SettingsPage() {
  return (
    <Page title="Settings">
      <Empty title="Nothing is here yet" />
    </Page>
  );
}
