/** Of nothing there is no share. */
export function quotient(part: number, of: number): number | null {
  return of === 0 ? null : Number((part / of).toFixed(4));
}

/** The value that this share of them stays below. */
export function median(values: readonly number[], share = 0.5, digits = 1): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return value === undefined ? null : Number(value.toFixed(digits));
}

const bins = [0, 0.3, 0.5, 0.7, 0.85, 0.95, 1.0001];

/** What was said to be probable, and how often it came true. */
export function calibrationTable(answers: readonly { probability: number; isRight: boolean }[]): object[] {
  return bins.slice(1).flatMap((to, i) => {
    const from = bins[i] ?? 0;
    const inside = answers.filter(({ probability }) => probability >= from && probability < to);
    if (inside.length === 0) return [];
    return {
      from,
      to: Math.min(1, to),
      answers: inside.length,
      said: quotient(
        inside.reduce((sum, { probability }) => sum + probability, 0),
        inside.length,
      ),
      right: quotient(inside.filter(({ isRight }) => isRight).length, inside.length),
    };
  });
}

const unknownAccepted = [0.05, 0.01];

/** The threshold is from every second answer, the figures are of the others. */
export function openSetTable(
  known: readonly { known: number; isRight: boolean }[],
  unknown: readonly number[],
): object[] {
  const sorted = unknown.filter((_, i) => i % 2 === 0).sort((a, b) => a - b);
  const others = unknown.filter((_, i) => i % 2 === 1);
  const judged = known.filter((_, i) => i % 2 === 1);
  if (sorted.length === 0 || judged.length === 0) return [];
  return unknownAccepted.map((aim) => {
    const threshold = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * (1 - aim)))] ?? 0;
    const accepted = judged.filter((answer) => answer.known > threshold);
    return {
      unknownAcceptedAim: aim,
      threshold: Number(threshold.toFixed(3)),
      knownAccepted: quotient(accepted.length, judged.length),
      rightOfAccepted: quotient(accepted.filter(({ isRight }) => isRight).length, accepted.length),
      unknownAccepted: quotient(others.filter((score) => score > threshold).length, others.length),
      of: { known: judged.length, unknown: others.length },
    };
  });
}
