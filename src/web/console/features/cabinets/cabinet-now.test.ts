import { expect, it } from 'vitest';
import type { CabinetNow } from '../../../../shared/console/fleet.schema.ts';
import { en } from '../../i18n/en.ts';
import { degrees, lookOfCabinet } from './cabinet-now.ts';

const words = en.cabinetState;
const well: CabinetNow = {
  ...{ state: 'available', reason: null, sinceMs: 1, heardAtMs: 2, isSilent: false },
  ...{ troubleCount: 0, milliC: null, isSpoilt: false },
};
const how = (now: CabinetNow | null, enrolledAtMs: number | null = 1) =>
  lookOfCabinet({ enrolledAtMs, now }, words, (atMs) => `at ${atMs}`);

it('is said by the gravest that is known of it', () => {
  expect(how(null, null)).toMatchObject({ text: words.waits, isToBeLooked: false });
  expect(how(null)).toMatchObject({ text: words.noWord, isToBeLooked: false });
  expect(how(well)).toEqual({ look: 'good', text: 'Sells', isToBeLooked: false });
  expect(how({ ...well, troubleCount: 2 })).toMatchObject({ text: words.inTrouble(2), isToBeLooked: true });
  const out: CabinetNow = { ...well, state: 'outOfService', reason: 'too_warm', troubleCount: 2 };
  expect(how(out)).toMatchObject({ look: 'bad', text: words.stands(words.reasons.too_warm) });
  // It may sell again by now, and nobody knows.
  expect(how({ ...out, isSilent: true })).toMatchObject({ look: 'bad', text: words.silent('at 2') });
  expect(how({ ...well, state: 'maintenance' })).toMatchObject({ look: 'care', isToBeLooked: false });
});

it('shows a word that it does not know as it is', () => {
  for (const reason of ['of_a_newer_program', 'constructor', '__proto__'])
    expect(how({ ...well, state: 'outOfService', reason }).text).toBe(words.stands(reason));
});

it('writes degrees to a tenth', () => {
  expect([4_000, -18_050, 0].map(degrees)).toEqual(['4.0 °C', '-18.1 °C', '0.0 °C']);
});
