import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { makeDisputeId } from '../../shared/ids.ts';
import { minor } from '../../shared/money.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { assertOk, sale } from '../../testkit/main/charges/cabinet.ts';
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
  const charges = new ChargeStore(db, testLog(db), clock, tellStaff);
  const disputes = new DisputeStore(db, testLog(db), clock, tellStaff);
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
function billedTooHigh(cabinet: Run): () => unknown {
  const chargeId = sold(cabinet);
  assertOk(cabinet.charges.markSubmitting(chargeId));
  const reply = { type: 'reply', state: 'accepted', totalMinor: minor(1301), reason: null } as const;
  return () => cabinet.charges.recordOutcome(chargeId, reply, 0);
}

const causes: [string, (cabinet: Run) => () => unknown][] = [
  ['charge_billed_too_high', billedTooHigh],
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
