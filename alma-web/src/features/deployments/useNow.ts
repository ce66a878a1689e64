import { useInterval } from "@mantine/hooks";
import { useEffect, useState } from "react";

/** The time, each second while something goes on. */
export function useNow(ticking: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  const { start, stop } = useInterval(() => setNow(Date.now()), 1_000);
  useEffect(() => {
    if (ticking) start();
    return stop;
  }, [ticking, start, stop]);
  return now;
}
