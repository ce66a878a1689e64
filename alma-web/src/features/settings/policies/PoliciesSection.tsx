import { Alert, Code, List, Stack, Text } from "@mantine/core";
import { useSearchParams } from "react-router";
import { FilterBar, OneOf, SearchField } from "@/components/filters";
import { Link } from "@/components/Link";
import { Empty, Loaded } from "@/components/states";
import { $api } from "@/lib/api/client";
import type { Rule, RuleList } from "@/lib/api/schema";
import { useAsked } from "@/lib/asked";
import { has } from "../lists";
import { RuleDetail } from "./RuleDetail";
import { Rules } from "./Rules";

export default function PoliciesSection() {
  const [search] = useSearchParams();
  const query = $api.useQuery("get", "/api/v1/policies");
  const id = search.get("rule");
  return (
    <Loaded query={query}>
      {(rules) => {
        if (id === null) return <Everything rules={rules} />;
        const rule = rules.items.find((candidate) => candidate.id === id);
        return rule === undefined ? (
          <Empty title="There is no such rule" action={<Link to="/settings/policies">All rules</Link>} />
        ) : (
          <RuleDetail rule={rule} />
        );
      }}
    </Loaded>
  );
}

function Everything({ rules: { items, problems, bundle } }: { rules: RuleList }) {
  const [search, say] = useAsked();
  const said = (name: string) => search.get(name) ?? "";
  const found = items.filter((rule) => fits(rule, said("words"), said("pack"), said("level")));
  return (
    <Stack>
      <Problems problems={problems} />
      <FilterBar>
        <SearchField
          label="Search"
          placeholder="Words, a rule's id, or a control"
          value={said("words")}
          onSearch={(words) => say("words", words)}
        />
        <OneOf
          label="Pack"
          w={200}
          data={packsOf(items)}
          value={said("pack")}
          onChoose={(pack) => say("pack", pack)}
        />
        <OneOf
          label="Level"
          data={["mandatory", "advisory", "off"]}
          value={said("level")}
          onChoose={(level) => say("level", level)}
        />
      </FilterBar>
      {found.length === 0 ? <Empty title="No rule fits" /> : <Rules rules={found} />}
      <Text size="xs" c="dimmed" className="wrap-anywhere">
        All of them together: <Code>{bundle}</Code>. Plans name it, so that it is known by which rules they
        were judged.
      </Text>
    </Stack>
  );
}

function fits(rule: Rule, words: string, pack: string, level: string): boolean {
  if (pack !== "" && rule.pack !== pack) return false;
  if (level !== "" && (rule.level ?? "advisory") !== level) return false;
  const controls = Object.entries(rule.controls ?? {}).map(([name, ids]) => `${name} ${ids.join(" ")}`);
  return has([rule.id, rule.title, rule.message, rule.remediation, ...controls].join(" "), words);
}

function packsOf(rules: readonly Rule[]): string[] {
  return [...new Set(rules.flatMap(({ pack }) => (pack ? [pack] : [])))].sort();
}

function Problems({ problems }: { problems: RuleList["problems"] }) {
  if (problems.length === 0) return null;
  return (
    <Alert color="red" title="Files of rules have faults: what is without fault holds">
      <List size="sm" className="wrap-anywhere">
        {problems.map(({ code, path, message, hint }) => (
          <List.Item key={`${code} ${path ?? ""} ${message}`}>
            {[path, message, hint].filter(Boolean).join(" · ")}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
