import { z } from 'zod';
import { findingKinds } from './auditor.ts';
import type { SimulationOutcome } from './simulation.ts';

/** Of so many findings of a run the story of the visit is told. */
const storiesMax = 10;

/** Of a line of a journal so many characters are told. */
const journalLineMax = 400;

/** What came of one run; what a process of a larger run hands to the one that has started it. */
export const summarySchema = z.object({
  seed: z.number(),
  /** Of virtual time, ms. */
  elapsedMs: z.number(),
  counts: z.record(z.string(), z.number()),
  /** How many of each kind the auditor has found. */
  found: z.record(z.enum(findingKinds), z.number()),
  /** What was found, and what had happened at that visit. */
  stories: z.array(z.string()),
});
export type Summary = z.infer<typeof summarySchema>;

/** `seed`: of the run. */
export function summaryOf(outcome: SimulationOutcome, seed: number): Summary {
  const { findings, books, journals, counts, elapsedMs } = outcome;
  const stories = findings.slice(0, storiesMax).map(({ kind, chargeId, message }) => {
    const truth = books.truths.find((one) => one.chargeId === chargeId);
    const noted = journals.get(chargeId ?? '') ?? [];
    const cut = noted.map((line) => line.slice(0, journalLineMax));
    const story = [...(truth?.story ?? []), ...cut].map((what) => `    ${what}`);
    const visit = truth === undefined ? '' : `, visit ${truth.number} at ${truth.cabinetId}`;
    return [`${kind} (seed ${seed}${visit}), ${chargeId ?? 'no charge'}: ${message}`, ...story].join('\n');
  });
  const found = Object.fromEntries(
    findingKinds.map((kind) => [kind, findings.filter((one) => one.kind === kind).length]),
  ) as Summary['found'];
  return { seed, elapsedMs, counts: { ...counts }, found, stories };
}

/** For people: what was played, what the auditor looked for and found, and the stories behind it. */
export function tableOf(summaries: readonly Summary[], tookS: number, database: string): string {
  const line = (name: string, value: number): string =>
    `| ${name.padEnd(34)} | ${String(value).padStart(9)} |`;
  const names = [...new Set(summaries.flatMap(({ counts }) => Object.keys(counts)))];
  const hours = summaries.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0) / 3_600_000;
  const seeds = summaries.map(({ seed }) => seed).join(', ');
  return [
    `seed ${seeds}; ${database}; ${Math.round(tookS)} s for ${hours.toFixed(1)} h of virtual time`,
    '',
    ...names.map((name) =>
      line(
        name,
        summaries.reduce((sum, one) => sum + (one.counts[name] ?? 0), 0),
      ),
    ),
    '',
    line(
      'FOUND BY THE AUDITOR',
      summaries.reduce((sum, one) => sum + findingCountOf(one), 0),
    ),
    ...findingKinds.map((kind) =>
      line(
        kind.replaceAll('_', ' '),
        summaries.reduce((sum, { found }) => sum + found[kind], 0),
      ),
    ),
    ...summaries.flatMap(({ stories }) => stories.flatMap((story) => ['', story])),
  ].join('\n');
}

/** How many findings there are. */
export function findingCountOf({ found }: Summary): number {
  return findingKinds.reduce((sum, kind) => sum + found[kind], 0);
}
