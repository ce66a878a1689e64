/** The log as it grows. Only what is on the screen is drawn: ten thousand lines are as quick as ten. */
import { Alert, Badge, Box, Button, Checkbox, Group, Select, Text } from "@mantine/core";
import { IconArrowDown, IconDownload } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { count } from "@/lib/format";
import { useLiveState, type Line } from "@/lib/live";
import { missingLine } from "./run";
import classes from "./Log.module.css";

interface LogProps {
  lines: readonly Line[];
  ended: boolean;
  /** Only of these addresses; null: all. */
  only: ReadonlySet<string> | null;
  addresses: readonly string[];
  chosen: string | null;
  onChoose: (address: string | null) => void;
}

export function Log({ lines, ended, only, addresses, chosen, onChoose }: LogProps) {
  const [problems, setProblems] = useState(false);
  const shown = useMemo(
    () =>
      lines.filter(
        (line) =>
          (only === null || (typeof line.address === "string" && only.has(line.address))) &&
          (!problems || isProblem(line)),
      ),
    [lines, only, problems],
  );
  return (
    <Box>
      <Group justify="space-between" mb="xs" gap="xs">
        <Group gap="sm">
          <Text fw={600} component="h2" size="lg">
            Log
          </Text>
          <Live ended={ended} lines={lines} />
        </Group>
        <Group gap="sm">
          <Select
            aria-label="Lines of one resource"
            size="xs"
            w={200}
            placeholder="all resources"
            data={[...addresses]}
            value={chosen}
            onChange={onChoose}
            clearable
            searchable
            limit={200}
          />
          <Checkbox
            size="xs"
            label="Problems only"
            checked={problems}
            onChange={(event) => setProblems(event.currentTarget.checked)}
          />
          <Button
            size="xs"
            variant="default"
            leftSection={<IconDownload size={14} />}
            onClick={() => save(lines)}
            disabled={lines.length === 0}
          >
            Save
          </Button>
        </Group>
      </Group>
      <Missing lines={lines} />
      <Lines lines={shown} none={lines.length === 0 ? "No line has come yet." : "No line is like that."} />
      <Text size="xs" c="dimmed" mt={4}>
        {shown.length === lines.length
          ? count(lines.length, "line")
          : `${shown.length.toLocaleString("en-US")} of ${count(lines.length, "line")}`}
      </Text>
    </Box>
  );
}

function isProblem({ type, data }: Line): boolean {
  return type === "error" || data?.level === "warning" || data?.level === "error";
}

function Live({ ended, lines }: { ended: boolean; lines: readonly Line[] }) {
  const state = useLiveState();
  if (ended && lines.at(-1)?.type === "complete") return <Badge variant="default">complete</Badge>;
  if (state === "open") {
    return (
      <Badge color="green" variant="light" autoContrast role="status">
        live
      </Badge>
    );
  }
  return (
    <Badge color="yellow" variant="light" autoContrast role="status">
      {state === "waiting" ? "reconnecting" : "connecting"}
    </Badge>
  );
}

/** Never seen so far; if it ever is, nobody shall take the log for whole. */
function Missing({ lines }: { lines: readonly Line[] }) {
  const missing = useMemo(() => missingLine(lines), [lines]);
  if (missing === null) return null;
  return (
    <Alert color="red" mb="xs" title={`Line ${missing} is missing`}>
      Load the page again to read the log from its beginning.
    </Alert>
  );
}

const NEAR_PX = 40;

function Lines({ lines, none }: { lines: readonly Line[]; none: string }) {
  const box = useRef<HTMLDivElement>(null);
  const [follows, setFollows] = useState(true);
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing here is memoized by hand or handed on
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => 22,
    getItemKey: useCallback((index: number) => lines[index]?.seq ?? index, [lines]),
    overscan: 12,
    // Rows are measured often while a log pours in: that may wait for the next rendering.
    useFlushSync: false,
  });
  useEffect(() => {
    // It looks again by itself until the rows at the end have been measured.
    if (follows && lines.length > 0) rows.scrollToEnd();
  }, [follows, lines.length, rows]);
  const top = useRef(0);
  const scrolled = () => {
    const at = box.current;
    if (at === null) return;
    const up = at.scrollTop < top.current - 1;
    top.current = at.scrollTop;
    // Lines that come push the end away; only whoever goes up from it wants to read there.
    if (at.scrollHeight - at.scrollTop - at.clientHeight < NEAR_PX) setFollows(true);
    else if (up) setFollows(false);
  };
  return (
    <Box pos="relative">
      <div
        ref={box}
        className={classes.box}
        // Not only when it ends: reading up is scrolling, too.
        onScroll={scrolled}
        role="log"
        aria-live="off"
        aria-label="Log of the deployment"
        tabIndex={0}
      >
        {lines.length === 0 && (
          <Text size="sm" p="sm" c="dimmed">
            {none}
          </Text>
        )}
        <div style={{ height: rows.getTotalSize(), position: "relative" }}>
          {rows.getVirtualItems().map(({ key, index, start }) => {
            const line = lines[index];
            return line === undefined ? null : (
              <div
                key={key}
                ref={rows.measureElement}
                data-index={index}
                className={classes.row}
                style={{ transform: `translateY(${start}px)` }}
              >
                <Row line={line} />
              </div>
            );
          })}
        </div>
      </div>
      {!follows && lines.length > 0 && (
        <Button
          className={classes.end}
          size="compact-sm"
          leftSection={<IconArrowDown size={14} />}
          onClick={() => setFollows(true)}
        >
          To the end
        </Button>
      )}
    </Box>
  );
}

function Row({ line }: { line: Line }) {
  const { seq, time, type, message, address, data } = line;
  const hint = typeof data?.hint === "string" && type === "error" ? data.hint : null;
  const look = type === "error" ? "error" : isProblem(line) ? "warning" : type;
  return (
    <div className={classes.line} data-look={look} data-seq={seq}>
      <time dateTime={time} title={time}>
        {time.slice(11, 19)}
      </time>
      <span className={classes.address}>{address ?? ""}</span>
      <span className={classes.message}>
        {look === "warning" && "warning: "}
        {message}
        {hint !== null && <em> — {hint}</em>}
      </span>
    </div>
  );
}

function save(lines: readonly Line[]): void {
  const text = lines.map(({ seq, time, type, address, message }) =>
    [seq, time, type, address ?? "-", message].join("\t"),
  );
  const url = URL.createObjectURL(new Blob([`${text.join("\n")}\n`], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `deployment-${lines[0]?.deployment_id ?? ""}.log`;
  link.click();
  URL.revokeObjectURL(url);
}
