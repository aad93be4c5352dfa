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

/** Three tries of each of these versions, all of them in vain. */
function afterVersions(count: number): LauncherState {
  let state = rest;
  for (let i = 0; i < count * 3; i++) {
    const tried = withOrder(state, { ...order, id: String(i), version: `2.0.${Math.floor(i / 3)}` });
    state = withEnd(tried, 'unhealthy', '1.0.0');
  }
  return state;
}

it('a version that failed here is not forgotten over the many that came after it', () => {
  expect(afterVersions(100).ended.filter(({ version }) => version === '2.0.0')).toHaveLength(3);
});

it('remembers so many orders and no more', () => {
  const { ended } = afterVersions(120);
  expect(ended).toHaveLength(300);
  expect(ended.at(-1)?.id).toBe('359');
});
