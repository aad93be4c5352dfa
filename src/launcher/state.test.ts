import { expect, it } from 'vitest';
import type { LauncherState } from '../shared/launcher.ts';
import { withEnd, withOrder, withPrevious, withTries } from './state.ts';

const rest: LauncherState = {
  format: 1,
  current: 'a',
  previous: null,
  previousVersion: null,
  trying: null,
  ended: [],
};
const order = { id: '1', slot: 'b', version: '2.0.0' } as const;

it('an order is tried once: the same again, or one while another is tried, changes nothing', () => {
  const tried = withOrder(rest, order);
  expect(tried.trying).toEqual({ ...order, tries: 0 });
  expect(withOrder(tried, { ...order, id: '2' })).toBe(tried);
  const ended = withEnd(tried, 'unhealthy', '1.0.0');
  expect(withOrder(ended, order)).toBe(ended);
});

it('an order for the slot that counts is refused', () => {
  expect(withOrder(rest, { ...order, slot: 'a' })).toMatchObject({
    current: 'a',
    trying: null,
    ended: [{ id: '1', end: 'refused' }],
  });
});

it('committed: what counted before can be gone back to, once', () => {
  const committed = withEnd(withTries(withOrder(rest, order), 1), 'committed', '1.0.0');
  expect(committed).toMatchObject({ current: 'b', previous: 'a', previousVersion: '1.0.0' });
  const left = withPrevious(committed, '2.0.0');
  expect(left).toMatchObject({ current: 'a', previous: null });
  expect(left.ended.at(-1)).toMatchObject({ version: '2.0.0', end: 'exits' });
  expect(withPrevious(left, '1.0.0')).toBe(left);
});

it.each(['refused', 'unhealthy', 'exits'] as const)('%s: the version that counts stays', (end) => {
  expect(withEnd(withOrder(rest, order), end, '1.0.0')).toMatchObject({ current: 'a', trying: null });
});

it('remembers so many orders and no more', () => {
  let state = rest;
  for (let i = 0; i < 40; i++)
    state = withEnd(withOrder(state, { ...order, id: String(i) }), 'unhealthy', '1.0.0');
  expect(state.ended).toHaveLength(16);
  expect(state.ended.at(-1)?.id).toBe('39');
});
