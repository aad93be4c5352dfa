import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DeviceHealth, DeviceKind } from '../../shared/model/device.ts';
import type { TestOrder } from '../../shared/model/self-test.schema.ts';
import type { SelfTest, TestStep } from '../../shared/model/self-test.ts';
import { ServiceRig, turn } from '../../testkit/main/service/service-rig.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import { selfTestLimits } from './self-tests.ts';

/** The guided self-tests, with somebody who does what they say, or does not. */

const device = (kind: DeviceKind): DeviceHealth => ({
  ...{ id: `${kind}-1`, kind, state: 'ready', lastSeenMs: 1 },
  ...{ errorCount: 0, resetCount: 0, detail: '' },
});
const { personMs, relockMs, listenMs, showMs } = selfTestLimits;
let rig: ServiceRig;
beforeEach(async () => {
  rig = await new ServiceRig().withList();
  rig.health = (['lock', 'tag-reader', 'code-scanner', 'scale'] as const).map(device);
  await rig.signIn();
});
afterEach(() => {
  rig.remove();
});

const tests = () => {
  const view = rig.service.view();
  return view?.screen === 'open' ? view.tests : null;
};
const step = (): TestStep | null => tests()?.running?.step ?? null;
const findings = (of: SelfTest) => tests()?.results.find((one) => one.test === of)?.findings;
async function begin(order: TestOrder): Promise<void> {
  rig.service.startTest(rig.sessionId, order);
  await turn();
}
async function answer(at: TestStep, yes: boolean): Promise<void> {
  rig.service.answerTest(rig.sessionId, at, yes);
  await turn();
}
async function move(door: 'open' | 'closed'): Promise<void> {
  rig.door = door;
  rig.tests.deviceEvent({ type: 'door', door, atMs: 0 });
  rig.service.doorMoved();
  await turn();
}
async function openAndShut(): Promise<void> {
  await begin({ test: 'door' });
  expect(step()).toBe('is_shut');
  await answer('is_shut', true);
  expect(step()).toBe('pull');
  await move('open');
  expect(step()).toBe('shut');
  await move('closed');
  expect(step()).toBe('locking');
  await rig.clock.advance(relockMs);
  expect(step()).toBe('holds');
}

test('the door: shut, pulled, shut, and it holds', async () => {
  await openAndShut();
  await answer('holds', true);
  expect(tests()?.running).toBeNull();
  expect(findings('door')).toEqual([]);
  expect(unwrap(rig.log.latest(1))[0]).toMatchObject({ act: 'selfTest', data: { state: 'done' } });
});

test('a contact that is wired the other way round is named before the bolt moves', async () => {
  rig.door = 'open';
  await begin({ test: 'door' });
  await answer('is_shut', true);
  expect(findings('door')).toEqual(['contact_reversed']);
  expect(rig.unlocks).toBe(0);
});

test.each<[string, () => Promise<void>, string]>([
  ['nobody sees it open', () => rig.clock.advance(personMs), 'not_seen_open'],
  [
    'nobody sees it shut again',
    async () => {
      await move('open');
      await rig.clock.advance(personMs);
    },
    'not_seen_shut',
  ],
])('the door: %s', async (_, happens, finding) => {
  await begin({ test: 'door' });
  await answer('is_shut', true);
  await happens();
  await turn();
  expect(findings('door')).toEqual([finding]);
  expect(rig.told).toContain(`self_test: door: ${finding}`);
});

test('of several doors each is tried in turn, and the one with the fault is named', async () => {
  rig.moreDoors.push('closed');
  await openAndShut();
  await answer('holds', true);
  expect([step(), tests()?.running?.door]).toEqual(['is_shut', 2]);
  await answer('is_shut', true);
  expect([step(), rig.unlocked]).toEqual(['pull', [1, 2]]);
  // The first one is none of its business.
  await move('open');
  expect(step()).toBe('pull');
  await move('closed');
  await rig.clock.advance(personMs);
  expect(findings('door')).toEqual(['not_seen_open']);
  expect(tests()?.results.find((one) => one.test === 'door')?.facts).toEqual([
    { name: 'door', of: null, value: 2 },
  ]);
});

test.each<[string, () => Promise<void>]>([
  ['they say so', () => answer('holds', false)],
  ['the contact shows it', () => move('open')],
])('a shut door that comes open does not hold: %s', async (_, happens) => {
  await openAndShut();
  await happens();
  expect(findings('door')).toEqual(['does_not_hold']);
});

test('a scanner passes by any code, and nobody comes in by it; none within a minute is a fault', async () => {
  await begin({ test: 'scanner' });
  expect(rig.service.scanned('KMS:4410')).toBe(true);
  await turn();
  expect(findings('scanner')).toEqual([]);
  expect(rig.service.scanned('any code')).toBe(false);
  await begin({ test: 'scanner' });
  await rig.clock.advance(personMs);
  expect(findings('scanner')).toEqual(['nothing_scanned']);
  expect(JSON.stringify(unwrap(rig.log.latest(9)))).not.toContain('4410');
});

const heard = (antenna: number, count: number): void => {
  const reads = Array.from({ length: count }, (_, i) => ({
    ...{ epc: `E28011${String(i % 3).padStart(18, '0')}`, rssiDbm: -50, atMs: i, antenna },
  }));
  rig.tests.deviceEvent({ type: 'tags', reads, atMs: 0 });
};

test('tags: reads of each antenna; one that was heard before and is silent is named', async () => {
  heard(1, 3);
  heard(2, 3);
  await begin({ test: 'tags' });
  heard(1, 5);
  await turn();
  heard(1, 800);
  await rig.clock.advance(listenMs);
  await turn();
  expect(tests()?.results[0]).toMatchObject({
    findings: ['antenna_silent'],
    facts: [
      { name: 'tags', value: 3 },
      { name: 'reads_per_s', value: 100 },
      { name: 'tags_carried', value: 24 },
      { name: 'antenna', of: 1, value: 800 },
      { name: 'antenna', of: 2, value: 0 },
    ],
  });
});

test('tags: whoever watches sees second by second which antenna hears which place', async () => {
  const name = { zh: '水', en: 'Water' };
  rig.catalog = {
    ...{ version: '1', currency: 'CNY', products: [{ sku: 'water', name, priceMinor: 1, picture: '' }] },
    tags: [{ epc: `E28011${'1'.padStart(18, '0')}`, sku: 'water' }],
  } as unknown as typeof rig.catalog;
  heard(2, 3);
  await begin({ test: 'tags' });
  heard(1, 3);
  await turn();
  heard(1, 30);
  await rig.clock.advance(showMs);
  await turn();
  expect(tests()?.running?.test).toBe('tags');
  expect(tests()?.heat).toEqual({
    antennas: [1, 2],
    places: [
      { slot: null, lane: null, names: [name], tagCount: 1, reads: [10, 0] },
      { slot: null, lane: null, names: [], tagCount: 2, reads: [20, 0] },
    ],
  });
  heard(2, 3);
  await rig.clock.advance(listenMs);
  await turn();
  expect(tests()?.running).toBeNull();
  expect(tests()?.heat?.places[0]?.reads).toEqual([10, 1]);
});

test('a reader that hears nothing is named', async () => {
  await begin({ test: 'tags' });
  await rig.clock.advance(60_000);
  await turn();
  expect(findings('tags')).toEqual(['nothing_read']);
});

const weigh = (milligrams: number, stable = true): void => {
  rig.tests.deviceEvent({ type: 'weight', lane: 2, milligrams, stable, state: 'ok', atMs: 0 });
};
test.each([
  ['right', 1_004_000, []],
  ['wrong', 950_000, ['wrong_weight']],
])('scales: zero, then a known weight that is weighed %s', async (_, milligrams, expected) => {
  weigh(500_000);
  await begin({ test: 'scale', lane: 2, grams: 1_000 });
  await answer('empty', true);
  weigh(0);
  await rig.clock.advance(selfTestLimits.settleMs);
  expect(step()).toBe('weight');
  await answer('weight', true);
  weigh(milligrams);
  await rig.clock.advance(selfTestLimits.settleMs);
  await turn();
  expect(findings('scale')).toEqual(expected);
});

test.each<[string, Partial<ServiceRig['network']>, readonly string[]]>([
  ['all well', {}, []],
  ['no name', { nameMs: null, connectMs: null, answerMs: null }, ['name_unknown']],
  ['no connection', { connectMs: null, answerMs: null }, ['no_connection']],
  ['somebody else', { connectMs: null, answerMs: null, isTrusted: false }, ['not_trusted']],
  ['no proven answer', { answerMs: null }, ['no_answer']],
  ['a device in the same network', { isDeviceOnTheWay: true }, ['device_on_the_way']],
])('the network, %s: the first thing that does not work is named', async (_, network, expected) => {
  rig.network = { ...rig.network, ...network };
  await begin({ test: 'network' });
  expect(findings('network')).toEqual(expected);
});

test('a disk that is nearly full, and little memory', async () => {
  rig.machine = { ...rig.machine, diskFreeBytes: 1e8, memoryFreeBytes: 1e6 };
  await begin({ test: 'machine' });
  expect(findings('machine')).toEqual(['disk_low', 'memory_low']);
});

test('a fault is cleared by its own test alone: by no other, none that is broken off, no restart', async () => {
  await begin({ test: 'sound' });
  await answer('heard', false);
  expect(findings('sound')).toEqual(['not_heard']);
  await begin({ test: 'network' });
  // Begun again, and left.
  await begin({ test: 'sound' });
  rig.service.leave(rig.sessionId);
  await turn();
  rig.restart();
  await rig.signIn();
  expect(findings('sound')).toEqual(['not_heard']);
  await begin({ test: 'sound' });
  // An answer to a step that is not on the screen says nothing.
  await answer('touch', true);
  expect(findings('sound')).toEqual(['not_heard']);
  await answer('heard', true);
  expect(findings('sound')).toEqual([]);
});

test('whoever leaves in the middle ends the test: what comes afterwards moves no bolt', async () => {
  await begin({ test: 'door' });
  const id = rig.sessionId;
  rig.service.leave(id);
  await turn();
  expect(rig.service.answerTest(id, 'is_shut', true)).toMatchObject({ ok: false });
  await turn();
  expect(rig.unlocks).toBe(0);
});
