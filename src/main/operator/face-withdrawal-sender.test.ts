import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { toldAgainAfterMs } from '../../core/charge/delivery.ts';
import type { FaceWithdrawal } from '../../shared/api/operator.ts';
import { type Clock, FakeClock } from '../../shared/clock.ts';
import type { EnrolmentId } from '../../shared/ids.ts';
import { makeEnrolmentId } from '../../shared/ids.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import type { FaceVault } from '../face/face-vault.ts';
import { keepFace, must, openVault } from '../../testkit/main/face/people.ts';
import { enrolmentPendingMs, withdrawalAgainMs } from '../face/withdrawal-outbox.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { FaceWithdrawalSender } from './face-withdrawal-sender.ts';
import { operatorClock } from './operator-clock.ts';
import type { OperatorFailure } from './operator-client.ts';

const idOf = (n: number): EnrolmentId => makeEnrolmentId(1, new Uint8Array(10).fill(n));
const dayMs = 86_400_000;
let clock: FakeClock;
let scratch: { path: string; remove: () => void };
let vault: FaceVault;
let sender: FaceWithdrawalSender;
let told: FaceWithdrawal[];
let answer: Result<null, OperatorFailure>;
let staff: string[];
/** What the sender counts by: the cabinet's own, unless a test puts another in its place. */
let senderClock: Clock;

function start(): void {
  vault = openVault(scratch.path, clock, silentLogger);
  sender = new FaceWithdrawalSender({
    vault,
    client: {
      withdrawFace: (withdrawal) => {
        told.push(withdrawal);
        return Promise.resolve(answer);
      },
    },
    link: { onChange: () => () => undefined },
    clock: senderClock,
    random: () => 0.5,
    tellStaff: (detail) => void staff.push(detail),
    logger: silentLogger,
  });
}
function stop(): void {
  sender.stop();
  vault.close();
}
const keep = (n: number, enrolmentId?: EnrolmentId): void => {
  keepFace(vault, n, clock.nowMs(), enrolmentId);
};

beforeEach(() => {
  scratch = makeScratchFolder();
  [clock, told, answer, staff] = [new FakeClock(), [], ok(null), []];
  senderClock = clock;
  start();
});
afterEach(() => {
  stop();
  scratch.remove();
});

test('a face that is deleted, or has expired, is told, with its number if it has one', async () => {
  keep(0, idOf(1));
  keep(1);
  keep(2, idOf(2));
  must(vault.withdraw('M0', clock.nowMs()));
  must(vault.withdraw('M1', clock.nowMs()));
  await clock.advance(1_000);
  expect(told).toEqual([
    { memberId: 'M0', enrolmentId: idOf(1) },
    { memberId: 'M1', enrolmentId: null },
  ]);
  await clock.advance(91 * 86_400_000);
  told = [];
  must(vault.expire(clock.nowMs(), 90));
  await clock.advance(1_000);
  expect(told).toEqual([{ memberId: 'M2', enrolmentId: idOf(2) }]);
});

test('a file that could not be read or written for a while stops it for that while only', async () => {
  keep(0, idOf(1));
  const { withdrawals } = vault;
  const read = vi.spyOn(withdrawals, 'next').mockReturnValue(fail('storage.io', 'locked'));
  must(vault.withdraw('M0', clock.nowMs()));
  await clock.advance(600_000);
  expect(told).toEqual([]);
  // Ever more seldom, a minute at most.
  expect(read.mock.calls.length).toBeLessThan(20);
  read.mockRestore();
  const write = vi.spyOn(withdrawals, 'arrived').mockReturnValueOnce(fail('storage.io', 'disk full'));
  await clock.advance(60_000);
  expect(told).toHaveLength(1);
  await clock.advance(60_000);
  // What could not be noted is told once more.
  expect(told).toHaveLength(2);
  expect(write).toHaveBeenCalledTimes(2);
});

test('staff hears that the operator does not take it, once until it takes one', async () => {
  answer = fail('operator.refused', 'no');
  keep(0, idOf(1));
  must(vault.withdraw('M0', clock.nowMs()));
  await clock.advance(5 * withdrawalAgainMs);
  expect(told.length).toBeGreaterThan(3);
  expect(staff).toEqual(['face_withdrawal_not_taken: operator.refused']);
  answer = ok(null);
  await clock.advance(2 * withdrawalAgainMs);
  answer = fail('operator.refused', 'no');
  await clock.advance(2 * dayMs);
  expect(staff).toHaveLength(2);
});

test('an operator whose database was put back hears of it again, a few times within a month', async () => {
  keep(0, idOf(1));
  const fromMs = clock.nowMs();
  must(vault.withdraw('M0', fromMs));
  const days: number[] = [];
  for (let day = 0; day < 100; day++) {
    await clock.advance(day === 0 ? 1_000 : dayMs);
    days.push(...told.map(() => day));
    told = [];
  }
  expect(days).toEqual([0, 1, 3, 7, 15, 31]);
  expect(must(vault.withdrawals.nextDueMs())).toBeNull();
});

test('what is told again holds up nothing that is told for the first time, nor does a clock that jumps', async () => {
  keep(0, idOf(1));
  keep(1, idOf(2));
  must(vault.withdraw('M0', clock.nowMs()));
  await clock.advance(1_000);
  answer = fail('network.unreachable', '');
  clock.jumpWall(3650 * dayMs);
  await clock.advance(60_000);
  clock.jumpWall(-3650 * dayMs);
  must(vault.withdraw('M1', clock.nowMs()));
  [told, answer] = [[], ok(null)];
  await clock.advance(20 * dayMs);
  expect(told[0]).toEqual({ memberId: 'M1', enrolmentId: idOf(2) });
  expect(told.filter(({ memberId }) => memberId === 'M0').length).toBeLessThanOrEqual(
    toldAgainAfterMs.length,
  );
});

test('without a network it waits, over a power cut too, and goes once', async () => {
  answer = fail('network.unreachable', '');
  keep(0, idOf(1));
  must(vault.withdraw('M0', clock.nowMs()));
  await clock.advance(60_000);
  expect(told.length).toBeGreaterThan(1);
  stop();
  [told, answer] = [[], ok(null)];
  start();
  await clock.advance(60_000);
  expect(told).toEqual([{ memberId: 'M0', enrolmentId: idOf(1) }]);
});

test('a face that never came to be is told after a while, one that did is not', async () => {
  must(vault.prepareEnrolment('M0', idOf(1), clock.nowMs()));
  must(vault.prepareEnrolment('M1', idOf(2), clock.nowMs()));
  keep(1, idOf(2));
  await clock.advance(enrolmentPendingMs - 1_000);
  expect(told).toEqual([]);
  await clock.advance(61_000);
  expect(told).toEqual([{ memberId: 'M0', enrolmentId: idOf(1) }]);
});

test('what the operator refuses holds up nothing, and is told again until it is taken', async () => {
  answer = fail('operator.refused', '');
  keep(0, idOf(1));
  keep(1, idOf(2));
  must(vault.withdraw('M0', clock.nowMs()));
  must(vault.withdraw('M1', clock.nowMs()));
  await clock.advance(1_000);
  expect(told).toHaveLength(2);
  await clock.advance(withdrawalAgainMs - 10_000);
  expect(told).toHaveLength(2);
  [told, answer] = [[], fail('operator.conflict', '')];
  await clock.advance(60_000);
  expect(told).toHaveLength(2);
  stop();
  [told, answer] = [[], ok(null)];
  start();
  await clock.advance(withdrawalAgainMs + 60_000);
  expect(told.map(({ memberId }) => memberId)).toEqual(['M0', 'M1']);
});

test('what waits is told at once when it was written while the clock was ahead', async () => {
  answer = fail('operator.refused', '');
  keep(0, idOf(1));
  clock.jumpWall(86_400_000);
  must(vault.withdraw('M0', clock.nowMs()));
  await clock.advance(1_000);
  clock.jumpWall(-86_400_000);
  [told, answer] = [[], ok(null)];
  await clock.advance(60_000);
  expect(told).toHaveLength(1);
});

test('too many of one kind: that one waits an hour, and what is behind it goes', async () => {
  const failure = { message: 'too many', retryAfterMs: 60_000, othersMayCome: true };
  answer = { ok: false, error: { code: 'operator.busy', ...failure } };
  keep(0, idOf(1));
  keep(1, idOf(2));
  must(vault.withdraw('M0', clock.nowMs()));
  must(vault.withdraw('M1', clock.nowMs()));
  await clock.advance(1_000);
  expect(told).toHaveLength(2);
  await clock.advance(withdrawalAgainMs - 2_000);
  expect(told).toHaveLength(2);
  answer = ok(null);
  await clock.advance(10_000);
  expect(told).toHaveLength(4);
});

/** The mains are off at night, twelve hours of each day. */
test.each(['keeps its time', 'begins at the same date'])(
  'a clock that %s each morning: a face that is gone is told again, a few times within a month, and forgotten then',
  async (which) => {
    const hourMs = 3_600_000;
    const morningMs = clock.nowMs();
    let operatorAheadMs = 1_800_000_000_000;
    const operatorNowMs = (): number => clock.monotonicMs() + operatorAheadMs;
    stop();
    senderClock = operatorClock(clock, operatorNowMs);
    start();
    await clock.advance(hourMs);
    keepFace(vault, 0, operatorNowMs(), idOf(1));
    must(vault.withdraw('M0', operatorNowMs()));
    await clock.advance(1_000);
    expect(told).toHaveLength(1);
    for (let day = 1; day <= 40; day++) {
      stop();
      operatorAheadMs += 12 * hourMs;
      clock.jumpWall(which === 'keeps its time' ? 12 * hourMs : morningMs - clock.nowMs());
      start();
      await clock.advance(12 * hourMs);
    }
    expect(told).toHaveLength(6);
    expect(must(vault.withdrawals.nextDueMs())).toBeNull();
  },
);
