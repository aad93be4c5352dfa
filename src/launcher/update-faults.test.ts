import { describe, expect, it } from 'vitest';
import { isLongRun } from '../testkit/long-run.ts';
import {
  type UpdateFault,
  type UpdateState,
  playCell,
  updateFaults,
  updateStates,
} from '../testkit/updates/fault-cells.ts';
import { queued } from '../testkit/updates/update-rig.ts';

type Cell = readonly [UpdateState, UpdateFault];

/** Each kind of end once; all of them with `npm run test:long`. */
const some: readonly Cell[] = [
  ['unpacked', 'kill of both, unsynced writes dropped'],
  ['waiting for the gate', 'disk full'],
  ['slot marked try', 'kill of both, unsynced writes dropped'],
  ['committed', 'target tampered on disk'],
  ['rolled back', 'clock set back'],
];
const all = updateStates.flatMap((state) => updateFaults.map((fault): Cell => [state, fault]));

/** In these the new version never says that it is well. */
const bad: readonly UpdateState[] = ['health failed, rolling back', 'rolled back'];

describe('an update', () => {
  it.each(isLongRun ? all : some)('%s, %s: a cabinet that starts, and recovers', async (state, fault) => {
    const result = await playCell(state, fault);
    const isBad = bad.includes(state);
    expect(result).toMatchObject({
      ...{ wasDisturbed: false, visitUntilGate: 'open', inDoubt: queued, seen: [queued] },
    });
    expect(result.version).toBe(isBad ? '1.0.0' : state === 'old slot removed' ? '3.0.0' : '2.0.0');
    expect(result.ends.includes('committed')).toBe(!isBad);
    // A version that failed three times is not tried again.
    if (isBad) expect(result.ends).toHaveLength(3);
  });
});
