import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { keepFace, must } from '../../testkit/main/face/people.ts';
import { FaceVault, vaultFileName } from './face-vault.ts';

const vaultKeyHex = 'c3'.repeat(32);
const dayMs = 86_400_000;
const hourMs = 3_600_000;
const expiryDays = 90;

let folder: string;
let removeFolder: () => void;
let clock: FakeClock;
beforeEach(() => {
  const scratch = makeScratchFolder();
  [folder, removeFolder, clock] = [scratch.path, scratch.remove, new FakeClock()];
});
afterEach(() => {
  removeFolder();
});

/**
 * The cabinet's own clock is two days off (staff was told), for `days` by now; somebody comes in by face each day. Then the
 * operator's clock is years ahead for one look, an hour, and right again. Who is left?
 */
function leftAfter(days: number, offMs: number): string[] {
  const vault = must(
    FaceVault.open({ path: join(folder, vaultFileName), clock, logger: silentLogger, vaultKeyHex }),
  );
  let operatorMs = clock.nowMs();
  for (const index of [0, 1, 2]) keepFace(vault, index, operatorMs);
  clock.jumpWall(offMs);
  for (let hour = 0; hour < days * 24; hour++) {
    clock.jumpWall(hourMs);
    operatorMs += hourMs;
    vault.expire(operatorMs, expiryDays);
    for (const index of [0, 1, 2]) must(vault.touch(`M${index}`, operatorMs));
  }
  vault.expire(operatorMs + 3650 * dayMs, expiryDays);
  clock.jumpWall(hourMs);
  vault.expire(operatorMs + hourMs, expiryDays);
  const left = vault.gallery().map(({ memberId }) => memberId);
  must(vault.close());
  return left.sort();
}

test('control: the cabinet’s clock is right', () => {
  expect(leftAfter(10, 0)).toEqual(['M0', 'M1', 'M2']);
});

test.each([2, 10])(
  'the cabinet’s clock is off for %d days, and the operator’s is years ahead for an hour: nobody is deleted',
  (days) => {
    expect(leftAfter(days, 2 * dayMs)).toEqual(['M0', 'M1', 'M2']);
  },
);
