/** Of each step the least and the most, oldest first; null: nothing was measured. */
export interface BandSeries {
  /** When the last step ends, wall ms. */
  readonly endMs: number;
  readonly stepMs: number;
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
}

/** One line of a log: the least and the most of its time, which begins then. */
export interface BandSlot {
  readonly atMs: number;
  readonly low: number;
  readonly high: number;
}

/** A log as a chart draws it: so many steps up to now. What is not of that time (also of a clock that was ahead) is left out. */
export function bandSeries(
  slots: readonly BandSlot[],
  { nowMs, stepMs, count }: { readonly nowMs: number; readonly stepMs: number; readonly count: number },
): BandSeries {
  const endMs = (Math.floor(nowMs / stepMs) + 1) * stepMs;
  const low: (number | null)[] = Array.from({ length: count }, () => null);
  const high: (number | null)[] = Array.from({ length: count }, () => null);
  for (const slot of slots) {
    const i = count - Math.ceil((endMs - slot.atMs) / stepMs);
    if (i < 0 || i >= count) continue;
    low[i] = Math.min(low[i] ?? slot.low, slot.low);
    high[i] = Math.max(high[i] ?? slot.high, slot.high);
  }
  return { endMs, stepMs, low, high };
}

/** The least and the most of all of it; null: nothing was measured. */
export function rangeOf({ low, high }: BandSeries): { readonly low: number; readonly high: number } | null {
  const [lows, highs] = [low, high].map((all) => all.filter((one) => one !== null));
  if (lows === undefined || highs === undefined || lows.length === 0) return null;
  return { low: Math.min(...lows), high: Math.max(...highs) };
}
