/** Of each step the coldest and the warmest, oldest first; null: nothing was read. Thousandths of a degree. */
export interface TemperatureSeries {
  /** When the last step ends, wall ms. */
  readonly endMs: number;
  readonly stepMs: number;
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
}

export interface TemperatureSlot {
  readonly atMs: number;
  readonly minMilliC: number;
  readonly maxMilliC: number;
}

/** The log as a chart draws it: so many steps up to now. What is not of that time (also of a clock that was ahead) is left out. */
export function temperatureSeries(
  slots: readonly TemperatureSlot[],
  { nowMs, stepMs, count }: { readonly nowMs: number; readonly stepMs: number; readonly count: number },
): TemperatureSeries {
  const endMs = (Math.floor(nowMs / stepMs) + 1) * stepMs;
  const low: (number | null)[] = Array.from({ length: count }, () => null);
  const high: (number | null)[] = Array.from({ length: count }, () => null);
  for (const { atMs, minMilliC, maxMilliC } of slots) {
    const i = count - Math.ceil((endMs - atMs) / stepMs);
    if (i < 0 || i >= count) continue;
    low[i] = Math.min(low[i] ?? minMilliC, minMilliC);
    high[i] = Math.max(high[i] ?? maxMilliC, maxMilliC);
  }
  return { endMs, stepMs, low, high };
}

/** The coldest and the warmest of all of it; null: nothing was read. */
export function rangeOf({
  low,
  high,
}: TemperatureSeries): { readonly low: number; readonly high: number } | null {
  const [lows, highs] = [low, high].map((all) => all.filter((one) => one !== null));
  if (lows === undefined || highs === undefined || lows.length === 0) return null;
  return { low: Math.min(...lows), high: Math.max(...highs) };
}
