import { expect, it } from 'vitest';
import { memberCodeLifetimeS } from '../../shared/model/member.ts';
import { codeClockSkewMs, readMemberCode } from './member-code.ts';

const nowMs = 1_800_000_000_000;
const lifetimeMs = memberCodeLifetimeS * 1000;
const endingIn = (leftMs: number): string =>
  `KM1.M-1.${((nowMs + leftMs) / 1000).toString(36)}.${'n'.repeat(12)}.${'s'.repeat(86)}`;

it.each([
  ['just made', lifetimeMs, true],
  ['just made, by a clock that is ahead as far as clocks differ', lifetimeMs + codeClockSkewMs, true],
  ['made by one that is further ahead', lifetimeMs + codeClockSkewMs + 1_000, false],
  ['that ended as long ago as clocks differ', -codeClockSkewMs, true],
  ['that ended before', -codeClockSkewMs - 1_000, false],
])('a code %s', (_, leftMs, isTaken) => {
  const read = readMemberCode(endingIn(leftMs), nowMs);
  expect(read.ok ? true : read.error.code).toBe(isTaken || 'account.code_expired');
  // While the operator's time is not known the operator alone is the judge.
  expect(readMemberCode(endingIn(leftMs), null).ok).toBe(true);
});
