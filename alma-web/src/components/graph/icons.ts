import {
  IconBox,
  IconBrandDatabricks,
  IconBucket,
  IconDatabase,
  IconDeviceDesktop,
  IconDisc,
  IconHexagons,
  IconNetwork,
  IconScale,
  IconServer2,
  IconShield,
  IconStack2,
  type Icon,
} from "@tabler/icons-react";
import type { ResourceType } from "@/lib/api/schema";

export const ICONS: Record<ResourceType, Icon> = {
  vm: IconDeviceDesktop,
  container: IconBox,
  service: IconServer2,
  database: IconDatabase,
  cache: IconBrandDatabricks,
  queue: IconStack2,
  load_balancer: IconScale,
  network: IconNetwork,
  volume: IconDisc,
  object_store: IconBucket,
  kubernetes_cluster: IconHexagons,
  firewall: IconShield,
};
