import { beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { encodeLockHostMessage, lockDeviceDecoder } from '../../devices/protocol/lock-8a.ts';
import type { LockHostMessage } from '../../devices/protocol/lock-8a.ts';
import { loadSampleCatalog } from '../catalog.ts';
import { SeededRandom } from '../../shared/random.ts';
import { World } from '../world.ts';
import { Lock8aBoard, lockGroupCount, spoilLockCheck } from './lock-8a-board.ts';
import { lockReadReplyMs } from './serial-lock-board.ts';
import type { Lock8aBoardOptions } from './lock-8a-board.ts';

const openReplyMs = 500;
let clock: FakeClock;
let world: World;
let out: string[];

beforeEach(() => {
  clock = new FakeClock();
  world = new World({ clock, random: new SeededRandom(1), catalog: loadSampleCatalog() });
  out = [];
});

function board(options: Partial<Lock8aBoardOptions> = {}): Lock8aBoard {
  return new Lock8aBoard({
    clock,
    world,
    boardAddress: 1,
    channel: 1,
    closedFeedback: 1,
    pushHead: null,
    openReplyMs,
    send: (frame) => out.push(Buffer.from(frame).toString('hex').toUpperCase()),
    ...options,
  });
}
const hex = (text: string): Uint8Array => Buffer.from(text, 'hex');

test('open (vendor example 8A 01 01 11 9B): bolt at once, acknowledgement half a second later', async () => {
  const one = board();
  one.receive(hex('8A0101119B'));
  expect(world.bolt).toBe('released');
  await clock.advance(openReplyMs - 1);
  expect(out).toEqual([]);
  await clock.advance(1);
  // Nobody has pulled: the contact still says closed.
  expect(out).toEqual(['8A0101119B']);
});

test('the acknowledgement carries the contact as it is then', async () => {
  const one = board();
  one.receive(hex('8A0101119B'));
  world.pull();
  await clock.advance(openReplyMs);
  expect(out).toEqual(['8A0101008A']);
});

test.each([
  [1, '8001011191', '8001010080'],
  [0, '8001010080', '8001011191'],
] as const)('read one with feedback %i when closed', async (closedFeedback, closed, open) => {
  const one = board({ closedFeedback });
  one.receive(hex('80010133B3'));
  await clock.advance(lockReadReplyMs);
  world.force();
  one.receive(hex('80010133B3'));
  await clock.advance(lockReadReplyMs);
  expect(out).toEqual([closed, open]);
});

test('read all answers three status bytes, lowest channels last', async () => {
  const one = board();
  one.receive(hex('80010033B2'));
  await clock.advance(lockReadReplyMs);
  expect(out).toEqual(['800100000133B3']);
  const [message] = lockDeviceDecoder({ groupCount: lockGroupCount }).push(hex(out[0]!));
  expect(message).toMatchObject({ type: 'allFeedback', channels: [1] });
});

test('another board, another channel: the bolt stays', async () => {
  const one = board();
  one.receive(encodeLockHostMessage({ type: 'openOne', address: 2, channel: 1 }));
  one.receive(encodeLockHostMessage({ type: 'openOne', address: 1, channel: 5 }));
  await clock.advance(openReplyMs * 2);
  expect(world.bolt).toBe('locked');
  expect(out).toEqual(['8A0105008E']);
});

test.each<LockHostMessage>([
  { type: 'openAll', address: 1 },
  { type: 'openSeveral', address: 1, groupCount: lockGroupCount, channels: [1, 4] },
  { type: 'openOne', address: 1, channel: 1, seconds: 3 },
  { type: 'hold', address: 1, channel: 1 },
])('$type releases the bolt too', (message) => {
  board().receive(encodeLockHostMessage(message));
  expect(world.bolt).toBe('released');
});

test('jammed: it answers as ever and the bolt does not move', async () => {
  const one = board();
  one.jammed = true;
  one.receive(hex('8A0101119B'));
  await clock.advance(openReplyMs);
  expect(world.bolt).toBe('locked');
  expect(out).toEqual(['8A0101119B']);
});

test('a board that pushes says so when the door moves', () => {
  board({ pushHead: 0x82 });
  world.force();
  world.close();
  expect(out).toEqual(['8201010082', '8201011193']);
});

test('requests in one chunk, in pieces and behind garbage are all answered, in order', async () => {
  const one = board();
  one.receive(hex('FFEE80010133B380'));
  one.receive(hex('0100'));
  one.receive(hex('33B2'));
  await clock.advance(100);
  expect(out).toEqual(['8001011191', '800100000133B3']);
});

test('a wrong check never opens', async () => {
  const one = board();
  one.receive(spoilLockCheck(hex('8A0101119B')));
  one.receive(new SeededRandom(5).bytes(2000));
  await clock.advance(5000);
  expect(world.bolt).toBe('locked');
});

test('a flood of requests is cut to what the board can hold', async () => {
  const one = board();
  for (let i = 0; i < 100; i++) one.receive(hex('80010133B3'));
  await clock.advance(60_000);
  expect(out.length).toBe(9);
});

test('without power it forgets what it was about to say, and works again after', async () => {
  const one = board();
  one.receive(hex('8A0101119B'));
  one.powerOff();
  await clock.advance(5000);
  expect(out).toEqual([]);
  one.receive(hex('80010133B3'));
  await clock.advance(100);
  expect(out).toEqual(['8001011191']);
});
