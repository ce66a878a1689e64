import { Button, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconFileImport } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { useParams, useSearchParams } from "react-router";
import { Link } from "@/components/Link";
import { Page } from "@/components/Page";
import { Empty, Loaded } from "@/components/states";
import { useMay } from "@/lib/permissions";
import { yamlOf } from "./calls";
import { Desk } from "./edit/Desk";
import { FIRST } from "./edit/sources";

const Import = lazy(() => import("./edit/Import"));

export default function EditPage() {
  const { id } = useParams();
  const may = useMay("blueprint:write");
  if (!may)
    return (
      <Page title="Edit">
        <Empty title="Your role may read blueprints, not write them">
          Whoever administers the project can give you a role that may.
        </Empty>
      </Page>
    );
  return id === undefined ? <New /> : <Existing key={id} id={Number(id)} />;
}

function New() {
  const [asked, setAsked] = useSearchParams();
  const [brought, setBrought] = useState<{ text: string; times: number }>({ text: FIRST, times: 0 });
  return (
    <Page
      title="New blueprint"
      above={
        <Link to="/blueprints" size="sm">
          All blueprints
        </Link>
      }
      actions={
        <Button
          variant="default"
          leftSection={<IconFileImport size={16} />}
          onClick={() => setAsked({ import: "1" }, { replace: true })}
        >
          Import a file
        </Button>
      }
    >
      <Desk key={brought.times} on={null} first={brought.text} imported={brought.times > 0} />
      <Suspense>
        {asked.has("import") && (
          <Import
            onClose={() => setAsked({}, { replace: true })}
            take={(text) => {
              setBrought(({ times }) => ({ text, times: times + 1 }));
              setAsked({}, { replace: true });
            }}
          />
        )}
      </Suspense>
    </Page>
  );
}

function Existing({ id }: { id: number }) {
  const [asked] = useSearchParams();
  const former = asked.get("revision");
  // What is edited stays as it was read, whatever others save meanwhile: saving notices that.
  const once = { staleTime: Infinity, gcTime: 0 };
  const newest = useQuery({ ...yamlOf(id), ...once });
  const old = useQuery({ ...yamlOf(id, Number(former ?? 1)), ...once, enabled: former !== null });
  const shown = former === null ? newest : old;
  return (
    <Page
      title="Edit the blueprint"
      above={
        <Link to={`/blueprints/${id}`} size="sm">
          Back to the blueprint
        </Link>
      }
    >
      <Loaded query={newest}>
        {(base) => (
          <Loaded query={shown}>
            {({ text }) => (
              <>
                {former !== null && (
                  <Group gap="xs">
                    <Text size="sm">
                      This is revision {former}. Saved, it becomes the revision after {base.revision}.
                    </Text>
                    <Link to={`/blueprints/${id}/edit`} size="sm">
                      Edit the newest instead
                    </Link>
                  </Group>
                )}
                <Desk
                  key={former ?? "newest"}
                  on={{ id, base: base.revision }}
                  first={text}
                  imported={former !== null}
                />
              </>
            )}
          </Loaded>
        )}
      </Loaded>
    </Page>
  );
}
