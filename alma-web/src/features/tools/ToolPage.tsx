import { Badge, Group } from "@mantine/core";
import { useParams, useSearchParams } from "react-router";
import { Link } from "@/components/Link";
import { Page } from "@/components/Page";
import { Loaded } from "@/components/states";
import { $api } from "@/lib/api/client";
import { givenBy } from "./choosing";
import { ToolUse } from "./ToolUse";

export default function ToolPage() {
  const { name = "" } = useParams();
  const [search] = useSearchParams();
  const tool = $api.useQuery("get", "/api/v1/tools/{name}", { params: { path: { name } } });
  const { data } = tool;
  return (
    <Page
      title={data?.title ?? "Tool"}
      about={data?.description}
      above={<Link to="/tools">Tools</Link>}
      actions={
        data && (
          <Group gap={6}>
            {data.tags.map((tag) => (
              <Badge key={tag} variant="light" color="gray" autoContrast>
                {tag}
              </Badge>
            ))}
            {data.writes && (
              <Badge variant="light" color="blue" autoContrast>
                saves what it makes
              </Badge>
            )}
          </Group>
        )
      }
    >
      <Loaded query={tool}>
        {(loaded) => (
          <ToolUse key={`${loaded.name} ${search.toString()}`} tool={loaded} given={givenBy(search)} />
        )}
      </Loaded>
    </Page>
  );
}
