/** A server with something of everything in it, and the address of each page that shows it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Alma } from "./server";

/** Would be seen to run, if anything of it were taken for markup. */
export const MARKUP = `<img src=x onerror="window.broken=1"><script>window.broken=1</script>"'&lt;b&gt;{{7*7}}`;
/** As long as a name may be, without a place to break it. */
export const LONG = "w".repeat(60);

const ROUTER = join(import.meta.dirname, "..", "src", "app", "router.tsx");

/** The routes there are, as the router has them. */
export function routes(): string[] {
  return [...readFileSync(ROUTER, "utf8").matchAll(/page\(\s*"([^"]+)"/g)].map(([, path]) => path ?? "");
}

/** Whether an address belongs to a page. */
export function leadsSomewhere(path: string): boolean {
  return routes().some((route) => new RegExp(`^${route.replaceAll(/:[a-z]+/g, "[^/]+")}/?$`).test(path));
}

interface Page<T> {
  items: T[];
}

export interface World {
  /** For each route, an address that shows something. */
  addresses: Record<string, string>;
}

interface Words {
  name: string;
  title: string;
  about: string;
  database: string;
}

const PLAIN: Words = {
  name: "shop",
  title: "Run the shop",
  about: "Where the shop runs: two web servers behind a load balancer, a database and a cache.",
  database: "database",
};

const HOSTILE: Words = {
  name: MARKUP.slice(0, 100),
  title: MARKUP,
  about: `${MARKUP} ${LONG}`,
  database: LONG,
};

export function plain(alma: Alma): Promise<World> {
  return inhabited(alma, PLAIN);
}

export function hostile(alma: Alma): Promise<World> {
  return inhabited(alma, HOSTILE);
}

function blueprintOf({ name, about, database }: Words, engine?: string): object {
  return {
    name,
    description: about,
    version: "1.0",
    ...(engine === undefined ? {} : { engine }),
    metadata: { environment: "staging" },
    resources: [
      { name: "lan", type: "network", cidr: "10.20.0.0/24", description: about },
      {
        name: "web",
        type: "service",
        count: 2,
        image: "nginx:1.27",
        specs: { cpu: 1, memory: "512MB" },
        network: { attach: "lan", ports: [80] },
        depends_on: [database, "cache"],
        env: { MOTTO: about },
      },
      {
        name: "entry",
        type: "load_balancer",
        backends: ["web"],
        network: { attach: "lan" },
      },
      {
        name: database,
        type: "database",
        specs: { cpu: 2, memory: "2GB", storage: "20GB" },
        network: { attach: "lan" },
        description: about,
      },
      { name: "cache", type: "cache", specs: { memory: "256MB" }, network: { attach: "lan" } },
    ],
  };
}

async function inhabited(alma: Alma, words: Words): Promise<World> {
  const running = await alma.blueprint(blueprintOf(words));
  const deployment = await alma.deployed(await alma.ipr(running, words.title));
  const wanted = await alma.blueprint({ ...blueprintOf(words), name: `${words.name} 2`.slice(-100) });
  const request = await alma.ipr(wanted, words.title);
  const { conversation_id } = await alma.call<{ conversation_id: string }>("POST", "/conversation/chat", {
    message: `I need a web server with 2 GB of memory and a database. ${words === PLAIN ? "" : MARKUP}`,
  });
  const { items: stacks } = await alma.call<Page<{ id: string }>>("GET", "/stacks");
  return {
    addresses: {
      "/": "/",
      "/conversations/:id": `/conversations/${conversation_id}`,
      "/blueprints": "/blueprints",
      "/blueprints/new": "/blueprints/new",
      "/blueprints/:id": `/blueprints/${running}`,
      "/blueprints/:id/edit": `/blueprints/${running}/edit`,
      "/templates": "/templates",
      "/templates/:id": "/templates/simple-web-app",
      "/iprs": "/iprs",
      "/iprs/:id": `/iprs/${request}`,
      "/deployments": "/deployments",
      "/deployments/:id": `/deployments/${deployment}`,
      "/infrastructure": "/infrastructure",
      "/infrastructure/import/:engine": "/infrastructure/import/simulation",
      "/infrastructure/:id": `/infrastructure/${stacks[0]?.id ?? ""}`,
      "/tools": "/tools",
      "/tools/:name": "/tools/estimate-costs",
      "/council": "/council",
      "/monitoring": "/monitoring",
      "/settings": "/settings",
      "/settings/:section": "/settings/engines",
    },
  };
}
