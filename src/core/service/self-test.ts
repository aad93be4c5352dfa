import { finalReadingMs, judgeCapacity, tagsCarried } from '../../shared/reading-capacity.ts';
import type { TestResult } from '../../shared/model/self-test.schema.ts';
import type { TestFact, TestFinding } from '../../shared/model/self-test.ts';

/** What a self-test has found and measured. */
export interface Judged {
  readonly findings: readonly TestFinding[];
  readonly facts: TestResult['facts'];
}

const fact = (name: TestFact, value: number, of: number | null = null): TestResult['facts'][number] => ({
  name,
  of,
  value: Math.round(value),
});
export const found = (...findings: TestFinding[]): Judged => ({ findings, facts: [] });

/**
 * What is known of one test after it was made once more: a run that was broken off says nothing, so nobody clears a fault by
 * beginning its test again.
 */
export function resultAfter(before: TestResult | null, now: TestResult): TestResult | null {
  return now.findings.includes('ended') ? before : now;
}

/** Reads of one stretch of close listening. `antenna` null: the reader does not tell them apart. */
export interface Listened {
  readonly reads: readonly { readonly epc: string; readonly antenna: number | null }[];
  readonly ms: number;
  /** Antennas that were heard before, ever since the start; those that a test before has heard too. */
  readonly known: readonly number[];
}

/** Reads per antenna, and whether this reader carries what lies there now. */
export function judgeTags({ reads, ms, known }: Listened): Judged {
  if (reads.length === 0) return found('nothing_read');
  const tagCount = new Set(reads.map(({ epc }) => epc)).size;
  const readsPerS = (reads.length * 1000) / ms;
  const counts = new Map<number, number>(known.map((antenna) => [antenna, 0]));
  for (const { antenna } of reads) if (antenna !== null) counts.set(antenna, (counts.get(antenna) ?? 0) + 1);
  const antennas = [...counts].sort(([a], [b]) => a - b).slice(0, 16);
  const capacity = { fits: [], slow: ['reader_slow'], beyond: ['reader_beyond'] } as const;
  return {
    findings: [
      ...(antennas.some(([, count]) => count === 0) ? (['antenna_silent'] as const) : []),
      ...capacity[judgeCapacity(tagCount, readsPerS)],
    ],
    facts: [
      fact('tags', tagCount),
      fact('reads_per_s', readsPerS),
      fact('tags_carried', tagsCarried(readsPerS, finalReadingMs)),
      ...antennas.map(([antenna, count]) => fact('antenna', count, antenna)),
    ],
  };
}

/** So far from the known weight may a scale be: its share, and at least so many grams. */
export const spanTolerance = { share: 0.01, grams: 5 } as const;

/** `zeroMg`: after zeroing, empty; `loadedMg`: with the known weight on it. */
export function judgeSpan(zeroMg: number, loadedMg: number, knownG: number): Judged {
  const [zeroG, weightG] = [zeroMg / 1000, (loadedMg - zeroMg) / 1000];
  const tolerance = Math.max(spanTolerance.grams, knownG * spanTolerance.share);
  return {
    findings: [
      ...(Math.abs(zeroG) > spanTolerance.grams ? (['not_zero'] as const) : []),
      ...(Math.abs(weightG - knownG) > tolerance ? (['wrong_weight'] as const) : []),
    ],
    facts: [fact('zero_g', zeroG), fact('weight_g', weightG)],
  };
}

/** How far the way to the operator was gone; null: not so far. */
export interface NetworkProbe {
  readonly nameMs: number | null;
  readonly connectMs: number | null;
  /** False: it has shown a certificate that is not to be trusted. */
  readonly isTrusted: boolean;
  readonly answerMs: number | null;
  /** A device is reached through the network that leads to the operator, too: whoever is in it opens the lock. */
  readonly isDeviceOnTheWay: boolean;
}

/** A clock further off than this makes codes and receipts wrong, ms. */
export const clockOffMaxMs = 60_000;

/** The first thing that does not work is the cause: what comes after it was not tried. */
export function judgeNetwork(probe: NetworkProbe, clockOffMs: number | null): Judged {
  const { nameMs, connectMs, isTrusted, answerMs, isDeviceOnTheWay } = probe;
  const clock = clockOffMs !== null && Math.abs(clockOffMs) > clockOffMaxMs ? (['clock_off'] as const) : [];
  const way: readonly TestFinding[] =
    nameMs === null
      ? ['name_unknown']
      : !isTrusted
        ? ['not_trusted']
        : connectMs === null
          ? ['no_connection']
          : answerMs === null
            ? ['no_answer']
            : [];
  return {
    findings: [...way, ...clock, ...(isDeviceOnTheWay ? (['device_on_the_way'] as const) : [])],
    facts: [
      ...(nameMs === null ? [] : [fact('name_ms', nameMs)]),
      ...(connectMs === null ? [] : [fact('connect_ms', connectMs)]),
      ...(answerMs === null ? [] : [fact('answer_ms', answerMs)]),
      ...(clockOffMs === null ? [] : [fact('clock_off_s', clockOffMs / 1000)]),
    ],
  };
}

export interface MachineState {
  readonly diskFreeBytes: number;
  readonly memoryFreeBytes: number;
  readonly appBytes: number;
}

export const machineLimits = { diskFreeBytes: 500 * 1024 ** 2, memoryFreeBytes: 150 * 1024 ** 2 } as const;

export function judgeMachine({ diskFreeBytes, memoryFreeBytes, appBytes }: MachineState): Judged {
  const mb = 1024 ** 2;
  return {
    findings: [
      ...(diskFreeBytes < machineLimits.diskFreeBytes ? (['disk_low'] as const) : []),
      ...(memoryFreeBytes < machineLimits.memoryFreeBytes ? (['memory_low'] as const) : []),
    ],
    facts: [
      fact('disk_free_mb', diskFreeBytes / mb),
      fact('memory_free_mb', memoryFreeBytes / mb),
      fact('app_mb', appBytes / mb),
    ],
  };
}
