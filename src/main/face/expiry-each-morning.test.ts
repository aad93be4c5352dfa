import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { keepFace, must } from '../../testkit/main/face/people.ts';
import { FaceVault, vaultFileName } from './face-vault.ts';
import { unusedDays } from './face-expiry.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const vaultKeyHex = 'c3'.repeat(32);

let folder: string;
let removeFolder: () => void;
beforeEach(() => {
  const scratch = makeScratchFolder();
  [folder, removeFolder] = [scratch.path, scratch.remove];
});
afterEach(() => {
  removeFolder();
});

interface Morning {
  /** How far the cabinet's clock is ahead of the operator's as it is switched on. */
  readonly aheadMs: number;
  /** How far the operator's own clock is off. */
  readonly operatorOffMs?: number;
}

/**
 * The shop's mains are off at night: on each of so many days the machine is on for fourteen hours, with a look every two.
 * Who is left of three people, of whom `comes` comes by face each day?
 */
function leftAfter(days: number, morning: (day: number) => Morning, comes: readonly number[] = []): string[] {
  let trueMs = 1_700_000_000_000;
  let left: string[] = [];
  for (let day = 0; day < days; day++) {
    const { aheadMs, operatorOffMs = 0 } = morning(day);
    const clock = new FakeClock();
    clock.jumpWall(trueMs + aheadMs - clock.nowMs());
    const path = join(folder, vaultFileName);
    const vault = must(FaceVault.open({ path, clock, logger: silentLogger, vaultKeyHex }));
    if (day === 0) for (const index of [0, 1, 2]) keepFace(vault, index, trueMs);
    for (let hour = 0; hour < 14; hour += 2) {
      vault.expire(trueMs + operatorOffMs + hour * hourMs, unusedDays);
      clock.jumpWall(2 * hourMs);
    }
    left = vault.gallery().map(({ memberId }) => memberId);
    for (const index of comes) if (left.includes(`M${index}`)) must(vault.touch(`M${index}`, trueMs));
    must(vault.close());
    trueMs += dayMs;
  }
  return left.sort();
}
const all = ['M0', 'M1', 'M2'];
/** The firmware's date, 700 days ago as it begins, each morning again. */
const sameDate = (day: number): Morning => ({ aheadMs: -(700 + day) * dayMs });

test.each([
  ['is right', () => ({ aheadMs: 0 })],
  ['is two years behind and goes on over the night', () => ({ aheadMs: -700 * dayMs })],
  ['begins at the same date each morning', sameDate],
  ['begins at another date each morning', (day: number) => ({ aheadMs: ((day * 37) % 100) * dayMs })],
])('a cabinet whose clock %s: who does not come is deleted after 90 days, and not before', (_, morning) => {
  expect(leftAfter(unusedDays, morning)).toEqual(all);
  removeFolder();
  const scratch = makeScratchFolder();
  [folder, removeFolder] = [scratch.path, scratch.remove];
  expect(leftAfter(unusedDays + 1, morning, [1])).toEqual(['M1']);
});

test.each([0, 1, 6])(
  'a cabinet whose clock begins anew each morning, and the operator’s years ahead for a day and %d: nobody is deleted',
  (moreDays) => {
    const wrong = (day: number) => day >= 20 && day <= 20 + moreDays;
    const morning = (day: number) => ({
      ...sameDate(day),
      operatorOffMs: wrong(day) ? 3650 * dayMs : 0,
    });
    expect(leftAfter(30, morning, [0, 1, 2])).toEqual(all);
  },
);
