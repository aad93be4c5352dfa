import { expect, it } from 'vitest';
import type { DoorState } from '../../shared/model/device.ts';
import type { FrozenPromotions } from '../../shared/model/promotion.schema.ts';
import { minor } from '../../shared/money.ts';
import { allowed, inventory, play, ready, scan } from '../../testkit/core/visit-script.ts';
import type { VisitEvent } from './visit-model.ts';

const doors = (...each: DoorState[]): VisitEvent => ({
  type: 'door',
  door: each.includes('open') ? 'open' : 'closed',
  doors: each,
  atMs: 30,
});
const toDoors: readonly VisitEvent[] = [
  ready,
  scan,
  allowed,
  { type: 'baseline', inventory, atMs: 10, doorCount: 2 },
];

it('a door that was pulled, shut and unlocked once more is waited for as at first', () => {
  const waits = play([
    ...toDoors,
    { type: 'openDoor', door: 1 },
    { type: 'unlocked', door: 1 },
    { type: 'openDoor', door: 2 },
    { type: 'unlocked', door: 2 },
    doors('closed', 'open'),
    doors('closed', 'closed'),
  ]).visit;
  expect([waits.state, waits.context.releasedDoors]).toEqual(['unlocking', [1]]);
  const again = play([{ type: 'unlockAgain' }], waits);
  expect(again.effects).toEqual([{ type: 'unlock', door: 2 }]);
  const { state, context } = play([doors('open', 'closed'), doors('closed', 'closed')], again.visit).visit;
  expect([state, context.releasedDoors]).toEqual(['unlocking', [2]]);
});

it('the version of the promotions stays with the visit, also where none of them is for this member', () => {
  const name = { zh: '优惠', en: 'offer' };
  const rules: FrozenPromotions['rules'] = [
    {
      ...{ id: 'a', name },
      rule: { kind: 'member_price', skus: ['COLA'], priceMinor: minor(1), means: ['card'] },
    },
    { id: 'b', name, rule: { kind: 'basket_off', offMinor: minor(1), fromMinor: minor(0) } },
  ];
  const kept = (some: FrozenPromotions['rules']): unknown => {
    const promotions = { version: 7, rules: some };
    const begins: VisitEvent = { type: 'baseline', inventory: { ...inventory, promotions }, atMs: 10 };
    return play([ready, scan, allowed, begins]).visit.context.baseline?.promotions;
  };
  expect(kept(rules)).toEqual({ version: 7, rules: rules.slice(1) });
  expect(kept(rules.slice(0, 1))).toEqual({ version: 7, rules: [] });
});
