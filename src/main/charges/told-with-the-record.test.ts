import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { makeDisputeId } from '../../shared/ids.ts';
import { minor } from '../../shared/money.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { assertOk, sale, sellAndPay } from '../../testkit/main/charges/cabinet.ts';
import { testLog } from '../../testkit/main/charges/charge-log.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';
import { AlarmSender } from '../operator/alarm-sender.ts';
import type { Database } from '../storage/database.ts';
import { MetaStore } from '../storage/meta-store.ts';
import { ChargeStore } from './charge-store.ts';
import { DisputeStore } from './dispute-store.ts';

/** What staff has to know about money is on the disk with what it is about: the power may go right behind the commit. */
let clock: FakeClock;
let path: string;
let removeFolder: () => void;
beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  path = join(scratch.path, 'kaimen.db');
  clock = new FakeClock();
});
afterEach(() => removeFolder());

function run(answer: Result<null, { code: 'network.unreachable'; message: string }>) {
  const db = mustOpen(path, clock);
  const arrived: string[] = [];
  const alarms = new AlarmSender({
    client: {
      alarm: ({ detail }) => {
        if (answer.ok) arrived.push(detail);
        return Promise.resolve(answer);
      },
    },
    link: { onChange: () => () => undefined },
    meta: new MetaStore(db),
    clock,
    random: () => 0.5,
    logger: silentLogger,
  });
  const tellStaff = (detail: string) => alarms.deviceFault(detail);
  const charges = new ChargeStore(db, testLog(db), clock, clock, tellStaff);
  const disputes = new DisputeStore(db, testLog(db), clock, clock, tellStaff);
  return { db, alarms, charges, disputes, arrived };
}
type Run = ReturnType<typeof run>;

/** What the run after a power cut tells. */
async function toldNext(): Promise<string[]> {
  const { alarms, arrived } = run(ok(null));
  await clock.advance(1_000);
  alarms.stop();
  expect(arrived.join()).not.toContain('×');
  return arrived.map((detail) => detail.split(':')[0] ?? '');
}

const change = (db: Database, ...texts: string[]) =>
  assertOk(
    db.transaction(() => {
      for (const text of texts) db.prepare(text).run();
      return ok();
    }),
  );

function sold({ charges }: Run): ChargeId {
  const { chargeId, body } = sale(1, 1300, clock.nowMs());
  assertOk(charges.open({ ...body, memberDisplay: '王*' }));
  assertOk(charges.finalise(chargeId, body));
  return chargeId;
}
function reported(cabinet: Run) {
  const disputeId = makeDisputeId(clock.nowMs(), new Uint8Array(10));
  assertOk(cabinet.disputes.add(sold(cabinet), disputeId, ['tea']));
  return disputeId;
}
function paidAndReported(cabinet: Run) {
  const chargeId = sellAndPay(cabinet.charges, 1, clock.nowMs());
  const disputeId = makeDisputeId(clock.nowMs(), new Uint8Array(10));
  assertOk(cabinet.disputes.add(chargeId, disputeId, ['tea']));
  return disputeId;
}
function billedTooHigh(cabinet: Run): () => unknown {
  const chargeId = sold(cabinet);
  assertOk(cabinet.charges.markSubmitting(chargeId));
  const reply = { type: 'reply', state: 'accepted', totalMinor: minor(1301), reason: null } as const;
  return () => cabinet.charges.recordOutcome(chargeId, reply, 0);
}

function decisionForgotten(cabinet: Run): () => unknown {
  const chargeId = sold(cabinet);
  assertOk(cabinet.charges.markSubmitting(chargeId));
  const reply = { type: 'reply', totalMinor: minor(100), reason: null } as const;
  assertOk(cabinet.charges.recordOutcome(chargeId, { ...reply, state: 'needs_attention' }, 0));
  return () => assertOk(cabinet.charges.recordOutcome(chargeId, { ...reply, state: 'collecting' }, 0));
}

const causes: [string, (cabinet: Run) => () => unknown][] = [
  ['charge_billed_too_high', billedTooHigh],
  ['decision_forgotten', decisionForgotten],
  [
    'charge_unreadable',
    (cabinet) => {
      sold(cabinet);
      change(cabinet.db, 'DROP TRIGGER charge_body_once', `UPDATE charge SET body_json = body_json || ' '`);
      return () => assertOk(cabinet.charges.nextDue(clock.nowMs(), 0));
    },
  ],
  [
    'charge_unreadable',
    (cabinet) => {
      reported(cabinet);
      change(cabinet.db, 'DROP TRIGGER dispute_identity', `UPDATE dispute SET skus_json = '[tea'`);
      return () => assertOk(cabinet.disputes.nextDue(clock.nowMs(), 0));
    },
  ],
  [
    'dispute_given_up',
    (cabinet) => {
      const disputeId = reported(cabinet);
      return () => assertOk(cabinet.disputes.markRefused(disputeId, 'operator.refused'));
    },
  ],
  [
    'dispute_without_charge',
    (cabinet) => {
      const disputeId = paidAndReported(cabinet);
      return () => assertOk(cabinet.disputes.markSent(disputeId, false));
    },
  ],
];

test.each(causes)('%s is told after a power cut, once', async (told, make) => {
  const cabinet = run(fail('network.unreachable', 'no network'));
  make(cabinet)();
  expect(await toldNext()).toEqual([told]);
  expect(await toldNext()).toEqual([]);
});

test('what was not put on record is not told, however often it is tried, and counts once', async () => {
  const cabinet = run(fail('network.unreachable', 'no network'));
  const record = billedTooHigh(cabinet);
  for (let i = 0; i < 3; i++) {
    const undone = cabinet.db.transaction(() => {
      record();
      return fail('no', 'the disk is full');
    });
    expect(undone.ok).toBe(false);
  }
  cabinet.alarms.deviceFault('another');
  record();
  expect(await toldNext()).toEqual(['another', 'charge_billed_too_high']);
});

test('what is paid of a charge that is lost is told once a telling, and only where money is due back', () => {
  const cabinet = run(fail('network.unreachable', 'no network'));
  const told: string[] = [];
  const disputes = new DisputeStore(
    cabinet.db,
    testLog(cabinet.db),
    clock,
    clock,
    (detail) => void told.push(detail),
  );
  const report = (chargeId: ChargeId, number: number) => {
    const disputeId = makeDisputeId(clock.nowMs(), new Uint8Array(10).fill(number));
    assertOk(disputes.add(chargeId, disputeId, ['tea']));
    return disputeId;
  };
  const [lowered, waiting] = [1, 2].map((number) => {
    const { chargeId, body } = sale(number, 1300, clock.nowMs());
    assertOk(cabinet.charges.open({ ...body, memberDisplay: '王*' }));
    assertOk(cabinet.charges.finalise(chargeId, body));
    return chargeId;
  });
  const paid = sellAndPay(cabinet.charges, 4, clock.nowMs());
  if (lowered === undefined || waiting === undefined) throw new Error('no charge');
  // Waived under its number: nothing was paid. And one that is on its way, before which the report goes.
  assertOk(cabinet.charges.markSubmitting(lowered));
  const waived = { type: 'resolved', how: 'written_off', by: 'support', atMs: 1 } as const;
  const none = { state: 'paid', totalMinor: minor(0), namedMinor: minor(1300), reason: null } as const;
  assertOk(cabinet.charges.recordOutcome(lowered, { ...waived, ...none }, null));
  for (const [number, chargeId] of [lowered, waiting].entries())
    assertOk(disputes.markSent(report(chargeId, number), false));
  expect(told).toEqual([]);
  const disputeId = report(paid, 9);
  assertOk(disputes.markSent(disputeId, false));
  for (const days of [1, 3]) {
    clock.jumpWall(days * 86_400_000);
    assertOk(disputes.tellAgain());
    assertOk(disputes.markSent(disputeId, false));
  }
  const word = `dispute_without_charge: ${paid}, paid 100, due back 100 minor units`;
  expect(told).toEqual([`${word}: tea`, `${word} (told before): tea`, `${word} (told before): tea`]);
});
