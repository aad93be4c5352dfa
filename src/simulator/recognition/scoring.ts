/** What was counted over the visits of one row of the table. */
export interface Score {
  visits: number;
  /** Articles that truly left, a line each. */
  lines: number;
  rightUnasked: number;
  /** Billed more than was taken, or what nobody took: asked or not. */
  falseLines: number;
  askedVisits: number;
  askedLines: number;
  heldLines: number;
  heldVisits: number;
  /** Price of all that left, and of what of it was neither billed nor held. */
  valueMinor: number;
  missedMinor: number;
  /** From the touch to the right list on the screen, ms. */
  readonly rightAfterMs: number[];
  /** Touches after which the list never was right. */
  neverRight: number;
  /** Lines that were asked or held, by what the sensors said of them. */
  readonly doubts: Map<string, number>;
  /** The first visits in which something false was billed, for people. */
  readonly stories: string[];
}

export function newScore(): Score {
  return {
    ...{ visits: 0, lines: 0, rightUnasked: 0, falseLines: 0, askedVisits: 0, askedLines: 0, heldLines: 0 },
    ...{
      heldVisits: 0,
      valueMinor: 0,
      missedMinor: 0,
      rightAfterMs: [],
      neverRight: 0,
      stories: [],
      doubts: new Map(),
    },
  };
}

/** The upper end of the 95 % interval of a rate, of so many in so many (Clopper and Pearson, one-sided 97.5 %). */
export function upperBound(hits: number, tries: number): number {
  if (tries === 0) return 1;
  let [low, high] = [hits / tries, 1];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (atMost(hits, tries, middle) > 0.025) low = middle;
    else high = middle;
  }
  return high;
}

/** The chance of at most so many hits, by the Poisson law: rates here are small. */
function atMost(hits: number, tries: number, rate: number): number {
  const mean = tries * rate;
  let term = Math.exp(-mean);
  let sum = term;
  for (let k = 1; k <= hits; k++) {
    term *= mean / k;
    sum += term;
  }
  return sum;
}

export function quantileOf(values: readonly number[], q: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? null;
}
