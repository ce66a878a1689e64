/** A blueprint as a small picture: light enough for a page full of them. */
import { useMemo } from "react";
import { draw, NODE } from "@/components/graph/layout";
import { ICONS } from "@/components/graph/icons";
import type { Blueprint } from "@/lib/api/schema";
import { count, words } from "@/lib/format";

const PAD = 12;
const ICON = 34;

export function SmallGraph({
  blueprint,
  height = 150,
}: {
  blueprint: Pick<Blueprint, "resources">;
  height?: number;
}) {
  const drawing = useMemo(() => draw(blueprint), [blueprint]);
  const { nodes, groups, lines } = drawing;
  const boxes = [...nodes.map(({ x, y }) => ({ x, y, ...NODE })), ...groups];
  const left = Math.min(0, ...boxes.map(({ x }) => x)) - PAD;
  const top = Math.min(0, ...boxes.map(({ y }) => y)) - PAD;
  const right = Math.max(NODE.width, ...boxes.map(({ x, width }) => x + width)) + PAD;
  const bottom = Math.max(NODE.height, ...boxes.map(({ y, height: tall }) => y + tall)) + PAD;
  const places = new Map(nodes.map((node) => [node.id, node]));
  const types = [...new Set(nodes.map(({ resource }) => words(resource.type)))].join(", ");
  return (
    <svg
      role="img"
      aria-label={`${count(nodes.length, "resource")}: ${types}`}
      viewBox={`${left} ${top} ${right - left} ${bottom - top}`}
      width="100%"
      height={height}
      preserveAspectRatio="xMidYMid meet"
    >
      {groups.map(({ id, x, y, width, height: tall }) => (
        <rect
          key={id}
          x={x}
          y={y}
          width={width}
          height={tall}
          rx={16}
          fill="color-mix(in srgb, var(--mantine-color-alma-6) 8%, transparent)"
          stroke="var(--mantine-color-dimmed)"
          strokeDasharray="8 6"
          strokeWidth={2}
        />
      ))}
      {lines.map(({ id, from, to, kind }) => {
        const a = places.get(from);
        const b = places.get(to);
        if (a === undefined || b === undefined) return null;
        const [x1, y1, x2, y2] = [a.x + NODE.width, a.y + NODE.height / 2, b.x, b.y + NODE.height / 2];
        const half = (x1 + x2) / 2;
        return (
          <path
            key={id}
            d={`M ${x1} ${y1} C ${half} ${y1}, ${half} ${y2}, ${x2} ${y2}`}
            fill="none"
            stroke="var(--mantine-color-dimmed)"
            strokeWidth={3}
            strokeDasharray={kind === "backend" ? undefined : "8 6"}
          />
        );
      })}
      {nodes.map(({ id, x, y, resource }) => {
        const Icon = ICONS[resource.type];
        return (
          <g key={id}>
            <rect
              x={x}
              y={y}
              width={NODE.width}
              height={NODE.height}
              rx={12}
              fill="var(--mantine-color-body)"
              stroke="var(--mantine-color-alma-6)"
              strokeWidth={3}
            />
            <Icon
              x={x + (NODE.width - ICON) / 2}
              y={y + (NODE.height - ICON) / 2}
              width={ICON}
              height={ICON}
              color="var(--mantine-color-text)"
            />
          </g>
        );
      })}
    </svg>
  );
}
