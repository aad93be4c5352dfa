import { beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { encodeRfidHostMessage, rfidDeviceDecoder } from '../../devices/protocol/rfid-r200.ts';
import type { RfidDeviceMessage, RfidHostMessage } from '../../devices/protocol/rfid-r200.ts';
import { loadSampleCatalog } from '../catalog.ts';
import { SeededRandom } from '../../shared/random.ts';
import { World } from '../world.ts';
import { TagReader, gen2Crc16, spoilRfidCheck } from './tag-reader.ts';
import type { TagReaderOptions } from './tag-reader.ts';

let clock: FakeClock;
let world: World;
let out: RfidDeviceMessage[];

beforeEach(() => {
  clock = new FakeClock();
  world = new World({ clock, random: new SeededRandom(1), catalog: loadSampleCatalog() });
  out = [];
});

function reader(options: Partial<TagReaderOptions> = {}): TagReader {
  const decoder = rfidDeviceDecoder();
  return new TagReader({
    clock,
    world,
    random: new SeededRandom(2),
    readsPerSecond: 150,
    missProbability: 0.04,
    send: (frame) => {
      out.push(...decoder.push(frame));
      expect(decoder.stats.skippedByteCount).toBe(0);
    },
    ...options,
  });
}
const say = (one: TagReader, message: RfidHostMessage): void => {
  one.receive(encodeRfidHostMessage(message));
};
const tags = (): string[] => out.flatMap((m) => (m.type === 'tag' ? [m.epc] : []));
const empties = (): number => out.filter((m) => m.type === 'error' && m.name === 'no_tag').length;

test('settings and information, as the driver asks for them', async () => {
  const one = reader();
  say(one, { type: 'getInfo', what: 'hardware' });
  say(one, { type: 'setRegion', region: 'europe' });
  say(one, { type: 'getRegion' });
  say(one, { type: 'setPower', centiDbm: 2000 });
  say(one, { type: 'getPower' });
  say(one, { type: 'rawCommand', command: 0x39, params: '00' });
  await clock.advance(100);
  expect(out).toEqual([
    { type: 'info', what: 'hardware', text: 'M100 V1.00' },
    { type: 'done', command: 0x07 },
    { type: 'region', region: 'europe' },
    { type: 'done', command: 0xb6 },
    { type: 'power', centiDbm: 2000 },
    expect.objectContaining({ type: 'error', code: 0x17 }),
  ]);
});

test('the rate is 150 reads a second over all tags, and each is read often', async () => {
  const one = reader();
  say(one, { type: 'pollMany', count: 10_000 });
  await clock.advance(10_000);
  expect(tags().length).toBeGreaterThan(1480);
  expect(tags().length).toBeLessThanOrEqual(1501);
  expect(new Set(tags()).size).toBe(30);
});

test('a tag misses about 4 % of the rounds, a covered one about 90 %', async () => {
  const one = reader();
  const [seen, covered] = world.goods;
  world.cover({ epc: covered!.epc });
  say(one, { type: 'pollMany', count: 2000 });
  await clock.advance(600_000);
  expect(one.isPolling).toBe(false);
  const count = (epc: string): number => tags().filter((tag) => tag === epc).length;
  expect(count(seen!.epc)).toBeGreaterThan(1880);
  expect(count(seen!.epc)).toBeLessThan(1960);
  expect(count(covered!.epc)).toBeGreaterThan(140);
  expect(count(covered!.epc)).toBeLessThan(270);
});

test('what has been taken out is not read any more, from the next slot on', async () => {
  const one = reader({ missProbability: 0 });
  say(one, { type: 'pollMany', count: 65_535 });
  await clock.advance(1000);
  world.force();
  const { epc } = world.goods[4]!;
  world.take({ epc });
  out = [];
  await clock.advance(3000);
  expect(tags().length).toBeGreaterThan(400);
  expect(tags()).not.toContain(epc);
  world.putBack({ epc });
  out = [];
  await clock.advance(500);
  expect(tags()).toContain(epc);
});

test('an empty field: one FF/15 for each round, and the count is obeyed', async () => {
  const one = reader({ missProbability: 1 });
  say(one, { type: 'pollMany', count: 25 });
  await clock.advance(60_000);
  expect([empties(), tags().length, one.isPolling]).toEqual([25, 0, false]);
});

test('a single poll is one round; a count of 0 is none', async () => {
  const one = reader({ missProbability: 0 });
  say(one, { type: 'pollOnce' });
  await clock.advance(5000);
  expect(tags()).toHaveLength(30);
  say(one, { type: 'pollMany', count: 0 });
  await clock.advance(5000);
  expect(tags()).toHaveLength(30);
});

test('stop ends the inventory and is answered; settings in between are ignored until then', async () => {
  const one = reader();
  say(one, { type: 'pollMany', count: 10_000 });
  await clock.advance(1000);
  say(one, { type: 'setPower', centiDbm: 1000 });
  await clock.advance(100);
  expect(one.settings.powerCentiDbm).toBe(2600);
  say(one, { type: 'stop' });
  out = [];
  await clock.advance(1000);
  expect(out).toEqual([{ type: 'done', command: 0x28 }]);
});

test('without power it forgets inventory and settings', async () => {
  const one = reader();
  say(one, { type: 'setRegion', region: 'us' });
  say(one, { type: 'pollMany', count: 10_000 });
  one.powerOff();
  await clock.advance(1000);
  expect(out).toEqual([]);
  expect([one.isPolling, one.settings.region]).toEqual([false, 'china-900']);
});

test('notices are whole: PC states the length of the EPC, the CRC is that of the real capture', () => {
  // BB 02 22 00 11 C9 34 00 30751FEB705C5904E3D50D70 3A76 EF 7E (R200 manual, "single poll")
  expect(gen2Crc16(0x3400, '30751FEB705C5904E3D50D70')).toBe(0x3a76);
});

test('commands with a wrong sum and garbage are not obeyed', async () => {
  const one = reader();
  one.receive(spoilRfidCheck(encodeRfidHostMessage({ type: 'pollMany', count: 100 })));
  one.receive(new SeededRandom(9).bytes(5000));
  await clock.advance(1000);
  expect(tags()).toEqual([]);
});

test('the same seed reads the same', async () => {
  const first = reader();
  say(first, { type: 'pollMany', count: 50 });
  await clock.advance(20_000);
  const before = JSON.stringify(out);
  out = [];
  const second = reader();
  say(second, { type: 'pollMany', count: 50 });
  await clock.advance(20_000);
  expect(JSON.stringify(out)).toBe(before);
  expect(tags().length).toBeGreaterThan(1000);
});
