import { afterEach, describe, expect, test } from 'vitest';
import type { BaselineInventory } from '../../core/recognition/inventory.ts';
import { TagInventoryEstimator } from '../../core/recognition/tag-inventory-estimator.ts';
import { type VisitContext, type VisitStateName, visitStateNames } from '../../core/visit/visit-model.ts';
import { VisitChart } from '../../core/visit/visit.ts';
import { FakeClock } from '../../shared/clock.ts';
import { idRandomByteCount, makeChargeId, makeVisitId } from '../../shared/ids.ts';
import { fail, ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { visitAt } from '../../testkit/core/visit-at.ts';
import { countedRandom } from '../../testkit/counted-random.ts';
import { VisitLoop } from './visit-loop.ts';
import type { Recorded, VisitRecords } from './visit-records.ts';

const clock = new FakeClock();
let loop: VisitLoop;
/** How often the bolt was asked to let go. */
let unlockCount = 0;
afterEach(() => loop.stop());

/** All is on record at once, and nothing was before. */
const records: VisitRecords = {
  transaction: (write) => write(),
  ifUndone: () => undefined,
  probe: () => ok(),
  beginVisit: () => ok(),
  saveVisit: () => ok(),
  loadActive: () => ok(null),
  quarantine: () => ok(),
  openCharge: () => ok(),
  voidCharge: () => ok(),
  finaliseCharge: () => ok(),
  denyOffline: () => ok(),
  closeVisit: () => ok(),
  lostReadings: { load: () => ok(null), keep: () => ok() },
};

/** A loop that stands in this state. */
function loopAt(state: VisitStateName, over: Partial<VisitContext> = {}, commits = records): VisitLoop {
  const chart = new VisitChart();
  chart.start = () => visitAt(state, { available: true, ...over });
  loop = new VisitLoop({
    chart,
    ports: {
      cabinetId: 'S-0001',
      devices: {
        unlock: () => {
          unlockCount++;
          return Promise.resolve(ok({ door: 'closed' as const }));
        },
        setPollMode: () => undefined,
      },
      catalog: () => null,
      enrolled: () => true,
      canPersistCharges: () => true,
      operatorNowMs: () => null,
      authorise: () => new Promise(() => undefined),
      raiseAlarm: () => undefined,
      chargeSettled: () => undefined,
      random: countedRandom(),
    },
    records: commits,
    estimator: new TagInventoryEstimator(() => null),
    clock,
    logger: silentLogger,
  });
  return loop;
}

const memberCode = `KM1.M-1.${(1_900_000_000).toString(36)}.${'n'.repeat(12)}.${'s'.repeat(86)}`;
const scans = [
  ['a member code', memberCode],
  ['a whole code of somebody else', 'https://bus.example/ticket/42'],
  ['what cannot be decoded', '\u0000\u0007\ufffd\ufffd'],
] as const;

describe.each(visitStateNames)('in %s', (state) => {
  test.each(scans)('%s is answered on screen', (_, text) => {
    loopAt(state);
    let changes = 0;
    loop.onChange(() => changes++);
    loop.scanned(text);
    const leads = loop.visit.state !== state;
    expect(leads || loop.scanAnswer !== null).toBe(true);
    expect(changes).toBe(1);
    if (leads) return;
    // And the next one as well, though nothing else has changed.
    const first = loop.scanAnswer?.seq;
    loop.scanned(text);
    expect(loop.scanAnswer?.seq).not.toBe(first);
    expect(changes).toBe(2);
  });
});

test('while the disk refuses, a code waits for nobody: it is answered at once', async () => {
  loopAt('shopping', {}, { ...records, transaction: () => fail('storage.io', 'full') });
  loop.dispatch({ type: 'door', door: 'closed', atMs: 1 });
  loop.scanned(memberCode);
  expect(loop.scanAnswer).toMatchObject({ why: 'door_open' });
  await clock.advance(1);
});

test.each([
  ['and something waits for it', true],
  ['and the touch is the first that it refuses', false],
])(
  'while the disk refuses, %s, no touch moves the bolt later: it is answered at once',
  async (_, isBehind) => {
    let isFull = true;
    loopAt(
      'unlocking',
      { unlockAnswer: 'opened' },
      { ...records, transaction: (write) => (isFull ? fail('storage.io', 'full') : write()) },
    );
    if (isBehind) loop.dispatch({ type: 'door', door: 'unknown', atMs: 1 });
    expect(loop.dispatch({ type: 'unlockAgain' })).toBe('unanswered');
    isFull = false;
    await clock.advance(5_000);
    expect(loop.visit.context).toMatchObject({ unlockAnswer: 'opened', unlockedAgainCount: 0 });
  },
);

const baseline: BaselineInventory = {
  catalogVersion: 'v',
  currency: 'CNY',
  products: [],
  lines: [{ sku: null, quantity: 1, confidence: 1, sources: ['tags'] }],
};
const [visitId, chargeId] = [
  makeVisitId(1, countedRandom().bytes(idRandomByteCount)),
  makeChargeId(1, countedRandom().bytes(idRandomByteCount)),
];
const whose = { visitId, chargeId, member: { memberId: 'M-1', display: '王*' } };

test.each([
  ['the first time, soon', 'preparing', { type: 'baseline', inventory: baseline, atMs: 1 }, 4_000],
  ['the first time, late', 'preparing', { type: 'baseline', inventory: baseline, atMs: 1 }, 60_000],
  ['once more, soon', 'unlocking', { type: 'unlockAgain' }, 4_000],
  ['once more, late', 'unlocking', { type: 'unlockAgain' }, 60_000],
] as const)(
  '%s: a disk that takes the step long after it came moves no bolt',
  async (_, state, event, ms) => {
    let leftMs: number = ms;
    const transaction = (write: () => Recorded) => (clock.skip(leftMs), (leftMs = 0), write());
    const slow = { ...records, transaction };
    const unlockAnswer = state === 'unlocking' ? 'opened' : 'none';
    loopAt(state, { ...whose, baseline, unlockAnswer }, slow);
    unlockCount = 0;
    loop.dispatch(event);
    await clock.advance(1);
    const isSoon = ms === 4_000;
    expect(unlockCount).toBe(isSoon ? 1 : 0);
    // Whoever is still there is told, and may have it unlocked once more.
    expect(loop.visit.state).toBe('unlocking');
    expect(loop.visit.context.unlockAnswer).toBe(isSoon ? 'opened' : 'failed');
  },
);
