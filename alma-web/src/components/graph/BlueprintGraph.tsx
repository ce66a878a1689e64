import "@xyflow/react/dist/style.css";
import { useComputedColorScheme } from "@mantine/core";
import {
  Background,
  Controls,
  MarkerType,
  MiniMap,
  type Edge,
  type Node,
  type NodeProps,
  Panel,
  ReactFlow,
  useNodesInitialized,
  useReactFlow,
  useStore,
} from "@xyflow/react";
import { memo, useEffect, useMemo } from "react";
import type { Blueprint } from "@/lib/api/schema";
import { draw, type Drawing } from "./layout";
import { GroupBox, ResourceCard, type CardData, type GroupData } from "./nodes";

interface BlueprintGraphProps {
  blueprint: Pick<Blueprint, "resources" | "name">;
  /** What to say of each resource: its state, what a plan does to it. */
  marks?: Record<string, { text: string; color: string }>;
  /** New or just changed: they are pointed out. */
  highlighted?: ReadonlySet<string>;
  selected?: string | null;
  onSelect?: (name: string | null) => void;
  height?: number | string;
}

type CardNode = Node<CardData, "resource">;
type GroupNode = Node<GroupData, "network">;

const Card = memo(({ data }: NodeProps<CardNode>) => <ResourceCard {...data} />);
Card.displayName = "Card";
const Box = memo(({ data }: NodeProps<GroupNode>) => <GroupBox {...data} />);
Box.displayName = "Box";
const NODE_TYPES = { resource: Card, network: Box };
const MANY = 30;
const FIT = { maxZoom: 1, padding: 0.1 };

/** What is new in a drawing is brought into sight, also when its place changes; what was only changed moves nothing. */
function InSight({ of }: { of: Drawing }) {
  const { fitView } = useReactFlow();
  const measured = useNodesInitialized();
  const size = useStore(({ width, height }) => `${Math.round(width)}x${Math.round(height)}`);
  const names = of.nodes.map(({ id }) => id).join("\n");
  useEffect(() => {
    if (measured) void fitView(FIT);
  }, [names, size, measured, fitView]);
  return null;
}

/** Resources as cards, what they need as arrows, networks around what is attached to them. */
export default function BlueprintGraph(props: BlueprintGraphProps) {
  const { blueprint, marks, highlighted, selected, onSelect, height = 420 } = props;
  const scheme = useComputedColorScheme("light");
  const drawing = useMemo(() => draw(blueprint), [blueprint]);
  const nodes = useMemo<(CardNode | GroupNode)[]>(
    () => [
      ...drawing.groups.map<GroupNode>(({ id, resource, x, y, width, height: tall }) => ({
        id: `net:${id}`,
        type: "network",
        position: { x, y },
        data: { resource, width, height: tall },
        width,
        height: tall,
        selectable: false,
        zIndex: -1,
      })),
      ...drawing.nodes.map<CardNode>(({ id, resource, x, y }) => ({
        id,
        type: "resource",
        position: { x, y },
        data: {
          resource,
          mark: marks?.[id],
          highlighted: highlighted?.has(id) ?? false,
          selected: selected === id,
        },
        ariaLabel: `${resource.name}, ${resource.type}`,
      })),
    ],
    [drawing, marks, highlighted, selected],
  );
  const edges = useMemo<Edge[]>(
    () =>
      drawing.lines.map(({ id, from, to, kind }) => ({
        id,
        source: from,
        target: to,
        animated: false,
        style: { strokeDasharray: kind === "backend" ? undefined : "5 4" },
        markerEnd: { type: MarkerType.ArrowClosed },
        ariaLabel: kind === "backend" ? `${from} sends to ${to}` : `${from} needs ${to}`,
      })),
    [drawing],
  );
  return (
    <div style={{ height }} role="region" aria-label={`Graph of ${blueprint.name}`}>
      <ReactFlow
        key={blueprint.name}
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        colorMode={scheme}
        fitView
        fitViewOptions={FIT}
        minZoom={0.05}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        onlyRenderVisibleElements={nodes.length > MANY}
        onNodeClick={(_, node) => onSelect?.(node.type === "resource" ? node.id : null)}
        onPaneClick={() => onSelect?.(null)}
        proOptions={{ hideAttribution: true }}
      >
        <InSight of={drawing} />
        <Background />
        <Controls showInteractive={false} />
        {nodes.length > MANY && <MiniMap pannable zoomable />}
        {nodes.length === 0 && <Panel position="top-center">Nothing is in it yet.</Panel>}
      </ReactFlow>
    </div>
  );
}
