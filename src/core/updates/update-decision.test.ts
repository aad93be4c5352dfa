import { expect, it } from 'vitest';
import { compareVersions } from '../../shared/model/release-version.ts';
import type { UpdateOrder } from '../../shared/model/update-order.schema.ts';
import { type UpdateFacts, restOfInstalling, restOfSwitching } from './update-decision.ts';

const order: UpdateOrder = {
  version: 1,
  issuedAtMs: 0,
  expiresAtMs: 1_000,
  release: '1.2.0',
  percent: 50,
  windows: [],
  isPaused: false,
  withdrawn: [],
};
const facts: UpdateFacts = { running: '1.1.9', failures: 0, share: 4_999, nowMs: 999, minute: 0 };

it('a newer version that is wanted here and now is installed, and switched to', () => {
  expect(restOfInstalling(order, facts)).toBeNull();
  expect(restOfSwitching(order, facts)).toBeNull();
});

it.each([
  ['no_order', null, {}],
  ['no_order', { release: null }, {}],
  ['expired', {}, { nowMs: 1_000 }],
  ['up_to_date', {}, { running: '1.2.0' }],
  ['older', {}, { running: '1.10.0' }],
  ['older', { release: '1.2.0-rc.9' }, { running: '1.2.0-rc.10' }],
  ['withdrawn', { withdrawn: ['1.2.0'] }, {}],
  ['failed_before', {}, { failures: 3 }],
  ['not_its_turn', {}, { share: 5_000 }],
  ['not_its_turn', { percent: 0 }, { share: 0 }],
  ['paused', { isPaused: true }, {}],
] as const)('%s', (rest, change, other) => {
  const told = change === null ? null : ({ ...order, ...change } as UpdateOrder);
  expect(restOfInstalling(told, { ...facts, ...other })).toBe(rest);
  expect(restOfSwitching(told, { ...facts, ...other })).toBe(rest);
});

it('at 100 per cent it is everybody’s turn', () => {
  expect(restOfInstalling({ ...order, percent: 100 }, { ...facts, share: 9_999 })).toBeNull();
});

it.each([
  [120, 240, 119, false],
  [120, 240, 120, true],
  [120, 240, 240, false],
  [1_380, 60, 1_400, true],
  [1_380, 60, 30, true],
  [1_380, 60, 60, false],
])('a window from %i to %i at %i: %s; installed is at any time', (fromMinute, toMinute, minute, isIn) => {
  const told = { ...order, windows: [{ fromMinute, toMinute }] };
  expect(restOfSwitching(told, { ...facts, minute })).toBe(isIn ? null : 'outside_window');
  expect(restOfInstalling(told, { ...facts, minute })).toBeNull();
});

it('versions are compared by their numbers', () => {
  const sorted = ['1.0.0-rc.2', '1.0.0-rc.10', '1.0.0', '1.0.1', '1.2.0', '1.10.0', '2.0.0'];
  expect(sorted.toReversed().sort(compareVersions)).toEqual(sorted);
});
