import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FaceWithdrawal } from '../../shared/api/operator.ts';
import { FakeClock } from '../../shared/clock.ts';
import { makeEnrolmentId } from '../../shared/ids.ts';
import { ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { keepFace, must, openVault } from '../../testkit/main/face/people.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import type { FaceVault } from '../face/face-vault.ts';
import { FaceWithdrawalSender } from './face-withdrawal-sender.ts';
import { operatorClock } from './operator-clock.ts';

const hourMs = 3_600_000;
let clock: FakeClock;
let scratch: { path: string; remove: () => void };
let vault: FaceVault;
let sender: FaceWithdrawalSender;
let told: FaceWithdrawal[];
/** How far the operator's time is ahead of the cabinet's monotonic one. */
let operatorAheadMs: number;
const operatorNowMs = (): number => clock.monotonicMs() + operatorAheadMs;

function start(): void {
  vault = openVault(scratch.path, clock, silentLogger);
  sender = new FaceWithdrawalSender({
    vault,
    client: {
      withdrawFace: (withdrawal) => {
        told.push(withdrawal);
        return Promise.resolve(ok(null));
      },
    },
    link: { onChange: () => () => undefined },
    clock: operatorClock(clock, operatorNowMs),
    random: () => 0.5,
    logger: silentLogger,
  });
}
function stop(): void {
  sender.stop();
  vault.close();
}

beforeEach(() => {
  scratch = makeScratchFolder();
  [clock, told, operatorAheadMs] = [new FakeClock(), [], 1_800_000_000_000];
  start();
});
afterEach(() => {
  stop();
  scratch.remove();
});

/** The mains are off at night, twelve hours of each day. */
test.each(['keeps its time', 'begins at the same date'])(
  'a clock that %s each morning: a face that is gone is told again, a few times within a month, and forgotten then',
  async (which) => {
    const morningMs = clock.nowMs();
    await clock.advance(hourMs);
    keepFace(vault, 0, operatorNowMs(), makeEnrolmentId(1, new Uint8Array(10).fill(1)));
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
