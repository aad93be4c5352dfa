import { afterEach, beforeEach, expect, test } from 'vitest';
import { fail, ok } from '../../shared/result.ts';
import type { OperatorFailure } from '../../core/charge/delivery.ts';
import type { VisitClosingReply } from '../../shared/api/operator.ts';
import { visitClosingSchema } from '../../shared/api/operator.ts';
import { FakeClock } from '../../shared/clock.ts';
import { idRandomByteCount, makeChargeId, makeVisitId } from '../../shared/ids.ts';
import { minor, zeroMinor } from '../../shared/money.ts';
import type { Result } from '../../shared/result.ts';
import { assertOk } from '../../testkit/main/charges/cabinet.ts';
import { testLog } from '../../testkit/main/charges/charge-log.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';
import type { Database } from '../storage/database.ts';
import { ChargeStore } from './charge-store.ts';
import { ClosingQueue } from './closing-queue.ts';
import { VisitClosings, closingKeptMs } from './visit-closings.ts';

const hourMs = 3_600_000;
type Answer = Result<VisitClosingReply, OperatorFailure>;
const taken: Answer = ok({ known: true });
const no = (code: OperatorFailure['code']): Answer => fail(code, 'no');

let clock: FakeClock;
let db: Database;
let path: string;
let removeFolder: () => void;
let closings: VisitClosings;
let queue: ClosingQueue;
let answer: Answer;
let sent: string[];
let told: string[];

/** The program starts on the file that is there. */
function start(): void {
  closings = new VisitClosings(
    db,
    clock,
    clock,
    (detail) => void told.push(detail),
    () => queue.wake(),
  );
  queue = new ClosingQueue({
    store: closings,
    client: {
      closeVisit: (visitId, bodyJson) => {
        const { ended, totalMinor } = visitClosingSchema.parse(JSON.parse(bodyJson));
        sent.push(`${visitId.slice(-1)} ${ended} ${totalMinor}`);
        return Promise.resolve(answer);
      },
    },
    link: { onChange: () => () => undefined },
    clock,
    random: () => 0.5,
    tellStaff: (detail) => void told.push(detail),
  });
  queue.start();
}

beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  clock = new FakeClock();
  path = `${scratch.path}/kaimen.db`;
  db = mustOpen(path, clock);
  answer = taken;
  [sent, told] = [[], []];
  start();
});
afterEach(async () => {
  await queue.stop();
  db.close();
  removeFolder();
});

const randomOf = (number: number): Uint8Array => new Uint8Array(idRandomByteCount).fill(0).fill(number, 9);
const visitId = (number: number) => makeVisitId(0, randomOf(number));
const chargeId = (number: number) => makeChargeId(0, randomOf(number));
const expectVisit = (number: number): void => {
  assertOk(closings.expect(visitId(number), chargeId(number)));
  assertOk(closings.present(visitId(number)));
};
const end = (number: number, ended: 'charge' | 'nothing_taken' = 'nothing_taken', total = 0): void => {
  const closing = { chargeId: chargeId(number), ended, totalMinor: minor(total), heldMinor: zeroMinor };
  assertOk(closings.end(visitId(number), { ...closing, closedAtMs: clock.nowMs() }));
};
const rowCount = (): number => {
  const read = db.read(() => db.prepare('SELECT visit_id FROM visit_closing').all().length);
  return assertOk(read);
};

test('each visit is told once, also an empty one', async () => {
  expectVisit(1);
  end(1);
  expectVisit(2);
  end(2, 'charge', 500);
  await clock.advance(1_000);
  expect(sent.sort()).toEqual(['1 nothing_taken 0', '2 charge 500']);
  await clock.advance(hourMs);
  expect(sent).toHaveLength(2);
});

test('one that never came to the bolt is told when the cabinet is about another one', async () => {
  expectVisit(1);
  await clock.advance(1_000);
  expect(sent).toEqual([]);
  assertOk(closings.present(null));
  await clock.advance(1_000);
  expect(sent).toEqual(['1 never_unlocked 0']);
});

test('of one that was not allowed there is nothing to tell', async () => {
  expectVisit(1);
  assertOk(closings.forget(visitId(1)));
  assertOk(closings.present(null));
  await clock.advance(1_000);
  expect(sent).toEqual([]);
  expect(rowCount()).toBe(0);
});

test('after a power cut before the bolt moved it is told all the same', async () => {
  expectVisit(1);
  await queue.stop();
  db.close();
  db = mustOpen(path, clock);
  start();
  await clock.advance(1_000);
  expect(sent).toEqual(['1 never_unlocked 0']);
});

test('a visit whose charge is open is told as left open once nobody goes on with it, and not before', async () => {
  const charges = new ChargeStore(db, testLog(db), clock, clock);
  const visits = (active: 0 | 1): void => {
    const sql = `INSERT INTO visit (visit_id, state_json, active, created_ms, updated_ms) VALUES (?, '{}', ?, 1, 1)
      ON CONFLICT (visit_id) DO UPDATE SET active = excluded.active`;
    assertOk(
      db.transaction(() => {
        db.prepare(sql).run(visitId(1), active);
        return ok();
      }),
    );
  };
  expectVisit(1);
  visits(1);
  const ids = { chargeId: chargeId(1), visitId: visitId(1), memberId: 'M1', memberDisplay: '王*' };
  assertOk(charges.open({ ...ids, cabinetId: 'C', currency: 'CNY' }));
  assertOk(closings.present(null));
  await clock.advance(1_000);
  expect(sent).toEqual([]);
  // It could not be read, and was put aside.
  visits(0);
  expectVisit(2);
  await clock.advance(1_000);
  expect(sent).toEqual(['1 left_open 0']);
});

test('what was said of a visit does not change', async () => {
  expectVisit(1);
  end(1, 'charge', 500);
  end(1);
  assertOk(closings.present(null));
  await clock.advance(1_000);
  expect(sent).toEqual(['1 charge 500']);
});

test('an operator from before, which has no such call, is asked ever more seldom, and nobody is alarmed', async () => {
  answer = no('operator.not_served');
  for (const number of [1, 2, 3]) {
    expectVisit(number);
    end(number);
  }
  await clock.advance(24 * hourMs);
  expect(sent.length).toBeGreaterThan(10);
  // One probe for all of them, at most every 5 min.
  const before = sent.length;
  await clock.advance(24 * hourMs);
  expect(sent.length - before).toBeLessThanOrEqual(24 * 60);
  expect(told).toEqual([]);
  // It is brought up to date.
  answer = taken;
  await clock.advance(hourMs);
  const now = sent.length;
  await clock.advance(hourMs);
  expect(sent).toHaveLength(now);
});

test.each([
  ['has no such visit', ok({ known: false }), 2 * hourMs, []],
  ['refuses it', no('operator.refused'), 24 * hourMs, ['visit_closing_given_up: operator.refused']],
  ['has other words of it', no('operator.conflict'), 0, ['visit_closing_given_up: operator.conflict']],
])('an operator that %s is told again for a while, and then no more', async (_, said, forMs, staff) => {
  answer = said;
  expectVisit(1);
  end(1);
  await clock.advance(forMs + hourMs);
  const before = sent.length;
  expect(before).toBeGreaterThanOrEqual(1);
  expect(before).toBeLessThanOrEqual(2 + (forMs + hourMs) / 600_000);
  await clock.advance(48 * hourMs);
  expect(sent).toHaveLength(before);
  expect(told.map((detail) => detail.split(',')[0])).toEqual(staff);
});

test('while the network is away nothing is lost, and one that fails holds up no other', async () => {
  answer = no('network.unreachable');
  for (const number of [1, 2, 3]) {
    expectVisit(number);
    end(number, 'charge', number);
  }
  await clock.advance(hourMs);
  answer = taken;
  sent = [];
  await clock.advance(hourMs);
  expect(sent.sort()).toEqual(['1 charge 1', '2 charge 2', '3 charge 3']);
});

test('a row that cannot be read is put aside and told; the others go on', async () => {
  answer = no('network.unreachable');
  for (const number of [1, 2]) {
    expectVisit(number);
    end(number);
  }
  await clock.advance(10);
  assertOk(
    db.transaction(() => {
      db.prepare('DROP TRIGGER visit_closing_said').run();
      db.prepare("UPDATE visit_closing SET ended = 'burnt' WHERE visit_id = ?").run(visitId(1));
      return ok();
    }),
  );
  answer = taken;
  sent = [];
  await clock.advance(hourMs);
  expect(sent).toEqual(['2 nothing_taken 0']);
  expect(told).toEqual(['visit_closing_unreadable']);
});

test('what is told goes after a month', async () => {
  expectVisit(1);
  end(1);
  await clock.advance(1_000);
  await queue.stop();
  await clock.advance(closingKeptMs);
  expectVisit(2);
  expect(rowCount()).toBe(1);
});
