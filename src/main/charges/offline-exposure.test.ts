import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FakeClock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import type { ChargeBody } from '../../shared/model/charge.schema.ts';
import { minor, zeroMinor } from '../../shared/money.ts';
import { ok } from '../../shared/result.ts';
import { unsealedLog } from '../../testkit/main/charges/charge-log.ts';
import { sale } from '../../testkit/main/charges/cabinet.ts';
import { newChargeRecords } from '../../testkit/main/charges/set-up.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import type { Database } from '../storage/database.ts';
import type { ChargeStore } from './charge-store.ts';
import { readOwedBy, readUndelivered } from './offline-exposure.ts';

let db: Database;
let clock: FakeClock;
let store: ChargeStore;
let remove: () => void;
beforeEach(() => {
  ({ db, clock, store, remove } = newChargeRecords(unsealedLog));
});
afterEach(() => {
  remove();
});

function sell(number: number, totalMinor: number, memberId = 'M1001', held = false) {
  const { chargeId, body: made } = sale(number, totalMinor, clock.nowMs());
  const body: ChargeBody = { ...made, memberId };
  unwrap(store.open({ ...body, memberDisplay: '王*' }));
  const review: ChargeBody['review'] = ['recognition.door_left_open'];
  const allHeld = { ...body, lines: [], heldLines: body.lines, totalMinor: zeroMinor, review };
  unwrap(store.finalise(chargeId, held ? allHeld : body));
  return { chargeId, closedAtMs: body.closedAtMs };
}
function reply(chargeId: ChargeId, state: 'paid' | 'collecting' | 'needs_attention', total: number): void {
  unwrap(store.markSubmitting(chargeId));
  const event = { type: 'reply', state, reason: null, totalMinor: minor(total) } as const;
  unwrap(store.recordOutcome(chargeId, event, clock.nowMs()));
}

test('nothing is nothing', () => {
  expect(unwrap(readUndelivered(db))).toEqual({ count: 0, sumMinor: 0, oldestMs: null });
  expect(unwrap(readOwedBy(db, 'M1001'))).toEqual({ count: 0, sumMinor: 0 });
});

test('what the operator has not confirmed, and what is held; of a member also what is collected', async () => {
  const first = sell(1, 500);
  await clock.advance(60_000);
  sell(2, 700, 'M1002');
  sell(3, 300, 'M1001', true);
  expect(unwrap(readUndelivered(db))).toEqual({ count: 3, sumMinor: 1_500, oldestMs: first.closedAtMs });
  expect(unwrap(readOwedBy(db, 'M1001'))).toEqual({ count: 2, sumMinor: 800 });
  reply(first.chargeId, 'collecting', 500);
  expect(unwrap(readUndelivered(db))).toMatchObject({ count: 2, sumMinor: 1_000 });
  expect(unwrap(readOwedBy(db, 'M1001'))).toEqual({ count: 2, sumMinor: 800 });
  const paid = sell(4, 900, 'M1003');
  reply(paid.chargeId, 'paid', 900);
  expect(unwrap(readOwedBy(db, 'M1003'))).toEqual({ count: 0, sumMinor: 0 });
  // With people at the operator it counts there.
  const waits = sell(5, 900, 'M1004');
  reply(waits.chargeId, 'needs_attention', 900);
  expect(unwrap(readOwedBy(db, 'M1004'))).toEqual({ count: 0, sumMinor: 0 });
  expect(unwrap(readUndelivered(db))).toMatchObject({ count: 2 });
});

test('one that the operator refuses counts by its sum, and makes no spell offline longer than it is', async () => {
  const refused = sell(1, 500);
  unwrap(store.markSubmitting(refused.chargeId));
  unwrap(store.recordOutcome(refused.chargeId, { type: 'reject', reason: 'system.rejected' }, clock.nowMs()));
  expect(unwrap(readUndelivered(db))).toEqual({ count: 1, sumMinor: 500, oldestMs: null });
  // Hours later it is sent once more, and nobody is there.
  unwrap(store.markSubmitting(refused.chargeId));
  unwrap(
    store.recordOutcome(refused.chargeId, { type: 'defer', reason: 'network.unreachable' }, clock.nowMs()),
  );
  expect(unwrap(readUndelivered(db))).toEqual({ count: 1, sumMinor: 500, oldestMs: null });
  await clock.advance(60_000);
  const next = sell(2, 700);
  expect(unwrap(readUndelivered(db))).toEqual({ count: 2, sumMinor: 1_200, oldestMs: next.closedAtMs });
});

test('a body that is damaged counts by what else is known of it', () => {
  const { chargeId } = sell(1, 500);
  db.transaction(() => {
    db.prepare('DROP TRIGGER charge_body_once').run();
    db.prepare(`UPDATE charge SET body_json = '{' WHERE charge_id = ?`).run(chargeId);
    return ok();
  });
  expect(unwrap(readUndelivered(db))).toMatchObject({ count: 1, sumMinor: 500, oldestMs: clock.nowMs() });
});
