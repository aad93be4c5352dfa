import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FaceWithdrawal } from '../../shared/api/operator.ts';
import { FakeClock } from '../../shared/clock.ts';
import { makeEnrolmentId } from '../../shared/ids.ts';
import type { EnrolmentId } from '../../shared/ids.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { keepFace, must, openVault } from '../../testkit/main/face/people.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import type { FaceVault } from './face-vault.ts';
import { phoneWithdrawals } from './phone-withdrawals.ts';

const idOf = (n: number): EnrolmentId => makeEnrolmentId(1, new Uint8Array(10).fill(n));
let scratch: { path: string; remove: () => void };
let clock: FakeClock;
let vault: FaceVault;
/** The operator's health answers name these faces; then the job runs. */
let ask: (...faces: FaceWithdrawal[]) => void;
beforeEach(() => {
  scratch = makeScratchFolder();
  clock = new FakeClock();
  vault = openVault(scratch.path, clock, silentLogger);
  let name: (faces: readonly FaceWithdrawal[]) => void = () => undefined;
  const client = {
    onFacesToDelete: (listener: typeof name) => {
      name = listener;
      return () => undefined;
    },
  };
  const job = phoneWithdrawals({ vault, client, clock, logger: silentLogger });
  ask = (...faces) => {
    name(faces);
    job.run();
  };
});
afterEach(() => {
  vault.close();
  scratch.remove();
});
const keep = (n: number, enrolmentId?: EnrolmentId): void => {
  keepFace(vault, n, clock.nowMs(), enrolmentId);
};
const isKept = (n: number): boolean => must(vault.info(`M${n}`)) !== null;
/** What the operator is going to be told, taken off the list. */
function told(): FaceWithdrawal[] {
  const all: FaceWithdrawal[] = [];
  for (let next = must(vault.withdrawals.next(clock.nowMs())); next !== null;) {
    all.push({ memberId: next.memberId, enrolmentId: next.enrolmentId });
    must(vault.withdrawals.arrived(next.withdrawalId, clock.nowMs()));
    next = must(vault.withdrawals.next(clock.nowMs()));
  }
  return all;
}

test('the face is deleted, and the operator told once, however often it asks meanwhile', () => {
  keep(0, idOf(1));
  keep(1, idOf(2));
  const wanted = { memberId: 'M0', enrolmentId: idOf(1) };
  ask(wanted);
  ask(wanted);
  expect([isKept(0), isKept(1)]).toEqual([false, true]);
  expect(told()).toEqual([wanted]);
});

test('a face from before there were enrolments, too', () => {
  keep(0);
  ask({ memberId: 'M0', enrolmentId: null });
  expect(isKept(0)).toBe(false);
  expect(told()).toEqual([{ memberId: 'M0', enrolmentId: null }]);
});

test('one that was enrolled anew meanwhile stays; the operator hears that the old one is gone', () => {
  keep(0, idOf(2));
  const [old, none] = [
    { memberId: 'M0', enrolmentId: idOf(1) },
    { memberId: 'M0', enrolmentId: null },
  ];
  ask(old, none);
  expect(isKept(0)).toBe(true);
  expect(told()).toEqual([old, none]);
});

test('an operator that names it again, long after it was told, is told again at once', () => {
  keep(0, idOf(1));
  const wanted = { memberId: 'M0', enrolmentId: idOf(1) };
  ask(wanted);
  expect(told()).toEqual([wanted]);
  ask(wanted);
  expect(told()).toEqual([wanted]);
});
