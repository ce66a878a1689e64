import { Autocomplete, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { $api, api } from "@/lib/api/client";
import { changed } from "@/lib/api/queries";
import { FormDialog } from "../acting";

const EMPTY = { resource: "*", blueprint: "", reason: "" };

/** `rule`: the one it is about, if that is known already. */
export function NewWaiver({ rule: given = "", onClose }: { rule?: string; onClose: () => void }) {
  const [said, setSaid] = useState({ ...EMPTY, rule: given, expires: "" });
  const change = (part: Partial<typeof said>) => setSaid((before) => ({ ...before, ...part }));
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
        onChange={(rule) => change({ rule })}
        data-autofocus={given === "" ? true : undefined}
      />
      <TextInput
        label="Resource"
        description="A resource's name; * stands for anything"
        required
        maxLength={100}
        value={said.resource}
        onChange={(event) => change({ resource: event.currentTarget.value })}
      />
      <TextInput
        label="Blueprint"
        description="Its name; of all, if nothing is said"
        value={said.blueprint}
        onChange={(event) => change({ blueprint: event.currentTarget.value })}
      />
      <TextInput
        label="Last day"
        description="Until the end of that day it stops nothing"
        type="date"
        required
        value={said.expires}
        onChange={(event) => change({ expires: event.currentTarget.value })}
      />
      <Textarea
        label="Reason"
        description="Your name stands beside it"
        required
        autosize
        minRows={2}
        maxLength={500}
        value={said.reason}
        onChange={(event) => change({ reason: event.currentTarget.value })}
      />
    </FormDialog>
  );
}
