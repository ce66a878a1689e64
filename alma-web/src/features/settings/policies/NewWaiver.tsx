import { Autocomplete, Textarea, TextInput } from "@mantine/core";
import { $api, api } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";
import { FormDialog } from "@/components/acting";
import { useSaid } from "../saying";

const EMPTY = { resource: "*", blueprint: "", reason: "" };

/** `rule`: the one it is about, if that is known already. */
export function NewWaiver({ rule: given = "", onClose }: { rule?: string; onClose: () => void }) {
  const { said, say, writes } = useSaid({ ...EMPTY, rule: given, expires: "" });
  const { data } = $api.useQuery("get", "/api/v1/policies");
  return (
    <FormDialog
      title="Answer for a broken rule"
      opened
      onClose={onClose}
      submit="Answer for it"
      done="The waiver holds."
      work={async () => {
        await api.POST("/api/v1/policies/waivers", {
          body: {
            rule: said.rule.trim(),
            resource: said.resource.trim(),
            blueprint: said.blueprint.trim() === "" ? null : said.blueprint.trim(),
            reason: said.reason.trim(),
            expires: said.expires,
          },
        });
        changed("/api/v1/policies", "/api/v1/iprs");
      }}
    >
      <Autocomplete
        label="Rule"
        description="Its id"
        required
        maxLength={40}
        limit={20}
        data={(data?.items ?? []).map(({ id }) => id)}
        value={said.rule}
        onChange={(rule) => say({ rule })}
        data-autofocus={given === "" ? true : undefined}
      />
      <TextInput
        label="Resource"
        description="A resource's name; * stands for anything"
        required
        maxLength={100}
        {...writes("resource")}
      />
      <TextInput
        label="Blueprint"
        description="Its name; of all, if nothing is said"
        {...writes("blueprint")}
      />
      <TextInput
        label="Last day"
        description="Until the end of that day it stops nothing"
        type="date"
        required
        {...writes("expires")}
      />
      <Textarea
        label="Reason"
        description="Your name stands beside it"
        required
        autosize
        minRows={2}
        maxLength={500}
        {...writes("reason")}
      />
    </FormDialog>
  );
}
