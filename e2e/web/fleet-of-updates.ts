import type { UpdateReport } from '../../src/shared/model/update-order.schema.ts';
import { rollOutShare } from '../../src/shared/node/roll-out-share.ts';
import { ConsoleCases } from '../../src/testkit/operator/console-cases.ts';

export const orderedRelease = '1.2.0';
/** One person alone may order it for so many. */
export const orderedPercent = 5;

/** Of twenty visits a scanner was of use in so many, and the reader in all. */
function usefulOf(useful: number): UpdateReport['usefulness'] {
  const devices = [
    { id: 'reader-1', kind: 'tag-reader', useful: 20, usefulBefore: 20 },
    { id: 'scanner-1', kind: 'code-scanner', useful, usefulBefore: 19 },
  ];
  return { version: orderedRelease, visits: 20, visitsBefore: 20, devices };
}

const said: readonly Partial<UpdateReport>[] = [
  { running: orderedRelease, usefulness: usefulOf(20) },
  { running: orderedRelease, usefulness: usefulOf(3) },
  { state: 'installed', detail: 'outside_window: 02:00–05:00' },
  { state: 'fetching' },
  { state: 'failed', detail: 'disk: No space left on device', failures: 2 },
  {
    state: 'failed',
    detail: 'failed_before: profile: ✖ Invalid input\n  → at cabinet.devices[2].kind',
    failures: 3,
  },
];

/** So many of them there are. */
export const inTurnCount = said.length;

/** Cabinets whose turn it is with a release, each elsewhere on its way to it. */
export async function enrolFleet(operator: { readonly api: string; readonly dev: string }): Promise<void> {
  let number = 300;
  for (const one of said) {
    const isInTurn = (): boolean => rollOutShare(orderedRelease, nameOf(number)) < orderedPercent * 100;
    do number++;
    while (!isInTurn());
    const cabinet = await ConsoleCases.enrol(operator, nameOf(number));
    const report = {
      running: '1.1.4',
      wanted: orderedRelease,
      state: 'idle',
      detail: '',
      failures: 0,
    } as const;
    await cabinet.reportUpdate({ ...report, ...one });
  }
}

const nameOf = (number: number): string => `CAB-SH-${String(number).padStart(4, '0')}`;
