import { expect, test } from 'vitest';
import { FakeClock } from '../shared/clock.ts';
import { loadSampleCatalog } from './catalog.ts';
import { SeededRandom } from '../shared/random.ts';
import { World, defaultLatchHoldMs, defaultPulseMs } from './world.ts';
import type { WorldOptions } from './world.ts';

function cabinet(options: Partial<WorldOptions> = {}): { world: World; clock: FakeClock } {
  const clock = new FakeClock();
  const catalog = loadSampleCatalog();
  return { world: new World({ clock, random: new SeededRandom(1), catalog, ...options }), clock };
}
const refused = (code: string): unknown =>
  expect.objectContaining({ ok: false, error: expect.objectContaining({ code }) as unknown });

test('a bolted door cannot be pulled; after a pulse it can', async () => {
  const { world, clock } = cabinet();
  expect(world.pull()).toEqual(refused('bolted'));
  world.energise();
  await clock.advance(defaultPulseMs + defaultLatchHoldMs - 1);
  expect(world.pull()).toMatchObject({ ok: true });
  expect([world.door, world.bolt]).toEqual(['open', 'released']);
  expect(world.pull()).toEqual(refused('door_is_open'));
});

test('an unlocked door that nobody pulls locks again by itself', async () => {
  const { world, clock } = cabinet();
  world.energise();
  await clock.advance(defaultPulseMs + defaultLatchHoldMs);
  expect(world.bolt).toBe('locked');
  expect(world.pull()).toEqual(refused('bolted'));
});

test('without a latch hold the bolt is back in with the end of the pulse', async () => {
  const { world, clock } = cabinet({ latchHoldMs: 0, pulseMs: 500 });
  world.energise();
  await clock.advance(499);
  expect(world.bolt).toBe('released');
  await clock.advance(1);
  expect(world.bolt).toBe('locked');
});

test('the latch catches when the door is shut, and an old pulse does not disturb an open door', async () => {
  const { world, clock } = cabinet();
  world.energise();
  world.pull();
  await clock.advance(60_000);
  expect([world.door, world.bolt]).toEqual(['open', 'released']);
  world.close();
  expect([world.door, world.bolt]).toEqual(['closed', 'locked']);
  expect(world.close()).toEqual(refused('door_is_closed'));
});

test('a forced door opens with the bolt in, and is locked when it is shut', () => {
  const { world } = cabinet();
  expect(world.force().ok).toBe(true);
  expect([world.door, world.bolt]).toEqual(['open', 'locked']);
  world.close();
  expect(world.pull()).toEqual(refused('bolted'));
});

test('a held coil keeps the bolt out until it is released', async () => {
  const { world, clock } = cabinet();
  world.hold();
  await clock.advance(600_000);
  expect(world.bolt).toBe('released');
  world.releaseHold();
  expect(world.bolt).toBe('locked');
});

test('goods move only through an open door', () => {
  const { world } = cabinet();
  expect(world.take({ sku: 'cola-can' })).toEqual(refused('door_is_closed'));
  expect(world.putForeign({})).toEqual(refused('door_is_closed'));
  world.force();
  const taken = world.take({ sku: 'cola-can' });
  expect(taken).toMatchObject({ ok: true, value: { sku: 'cola-can', place: 'hand', shelf: null } });
  expect(world.inside).toHaveLength(29);
  world.close();
  expect(world.putBack({ sku: 'cola-can' })).toEqual(refused('door_is_closed'));
});

test('what is taken comes back to its shelf, or to a wrong one, and is inside either way', () => {
  const { world } = cabinet();
  world.force();
  const { epc } = world.goods[0]!;
  world.take({ epc });
  expect(world.take({ epc })).toEqual(refused('no_such_item'));
  expect(world.putBack({ epc, shelf: 3 })).toMatchObject({ value: { place: 'wrong_shelf', shelf: 3 } });
  world.take({ epc });
  expect(world.putBack({ epc, shelf: 9 })).toEqual(refused('no_such_shelf'));
  expect(world.putBack({ epc })).toMatchObject({ value: { place: 'shelf', shelf: 1 } });
  expect(world.inside).toHaveLength(30);
});

test('taking by product runs out', () => {
  const { world } = cabinet();
  world.force();
  for (let i = 0; i < 3; i++) expect(world.take({ sku: 'milk-box' }).ok).toBe(true);
  expect(world.take({ sku: 'milk-box' })).toEqual(refused('no_such_item'));
});

test('foreign things have tags of their own and no double', () => {
  const { world } = cabinet();
  world.force();
  const unknown = world.putForeign({});
  expect(unknown).toMatchObject({ ok: true, value: { sku: null, foreign: true } });
  expect(world.inside.at(-1)?.epc).toMatch(/^E2801160[0-9A-F]{16}$/);
  expect(world.putForeign({ epc: world.goods[0]!.epc })).toEqual(refused('duplicate_tag'));
  expect(world.putForeign({ sku: 'cola-can', shelf: 2 })).toMatchObject({
    value: { sku: 'cola-can', shelf: 2 },
  });
  world.restock();
  expect(world.goods).toHaveLength(30);
});

test('the cabinet has an end', () => {
  const { world } = cabinet();
  world.force();
  for (let i = 0; i < 470; i++) world.putForeign({});
  expect(world.putForeign({})).toEqual(refused('cabinet_full'));
});

test('covering works through a closed door, and a taken item is covered no more', () => {
  const { world } = cabinet();
  const { epc } = world.goods[0]!;
  expect(world.cover({ epc })).toMatchObject({ value: { covered: true } });
  expect(world.cover({ epc })).toEqual(refused('no_such_item'));
  world.force();
  expect(world.take({ epc })).toMatchObject({ value: { covered: false } });
});

test('each change is told, and no more after unsubscribing', () => {
  const { world } = cabinet();
  let count = 0;
  const stop = world.onChange(() => count++);
  world.force();
  world.take({ sku: 'cola-can' });
  world.take({ sku: 'no-such' });
  expect(count).toBe(2);
  stop();
  world.close();
  expect(count).toBe(2);
});
