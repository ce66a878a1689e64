import { Code, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useSearchParams } from "react-router";
import { Link } from "@/components/Link";
import { Empty, Loaded } from "@/components/states";
import { $api } from "@/lib/api/client";
import type { BookView } from "@/lib/api/schema";
import { count } from "@/lib/format";
import { Prices } from "./Prices";

export default function PricesSection() {
  const [search] = useSearchParams();
  const query = $api.useQuery("get", "/api/v1/prices");
  const chosen = search.get("book");
  return (
    <Loaded query={query}>
      {({ items }) => {
        if (chosen === null) return <Books books={items} />;
        const book = items.find(({ provider }) => provider === chosen);
        return book === undefined ? (
          <Empty
            title="There is no such price book"
            action={<Link to="/settings/prices">All price books</Link>}
          />
        ) : (
          <Prices key={chosen} book={book} />
        );
      }}
    </Loaded>
  );
}

function Books({ books }: { books: readonly BookView[] }) {
  return (
    <Stack>
      {books.map((book) => (
        <Paper key={book.provider} withBorder p="md" component="section" aria-label={book.title}>
          <Group justify="space-between" align="flex-start">
            <div style={{ minWidth: 0 }}>
              <Title order={2} size="h4" className="wrap-anywhere">
                {book.title}
              </Title>
              <Text size="sm">{contentOf(book)}</Text>
              <Text size="sm" c="dimmed" className="wrap-anywhere">
                {daysOf(book)} · <Code>{book.version}</Code>
              </Text>
            </div>
            {(book.types ?? 0) > 0 && (
              <Link
                to={`/settings/prices?book=${encodeURIComponent(book.provider)}`}
                aria-label={`Prices of ${book.title}`}
              >
                Prices
              </Link>
            )}
          </Group>
        </Paper>
      ))}
    </Stack>
  );
}

function contentOf({ types = 0, regions = [] }: BookView): string {
  if (types === 0) return "Rates for one's own machines, entered in config/prices/onprem.yaml.";
  return `${count(types, "type")} in ${regions.join(", ")}`;
}

/** How old figures are, is for people to judge. */
function daysOf({ first, last }: BookView): string {
  if (first == null || last == null) return "of no known day";
  return first === last ? `figures of ${first}` : `figures from ${first} to ${last}`;
}
