import { beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { bytesOfHex, toHex } from '../../devices/protocol/codec.ts';
import { encodeWklyHostMessage } from '../../devices/protocol/lock-wkly.ts';
import type { WklyHostMessage } from '../../devices/protocol/lock-wkly.ts';
import { loadSampleCatalog } from '../catalog.ts';
import { SeededRandom } from '../../shared/random.ts';
import { World } from '../world.ts';
import { Cu16Board } from './cu16-board.ts';
import { lockCoil, RelayBoard } from './relay-board.ts';
import { WklyBoard } from './wkly-board.ts';

const openReplyMs = 300;
let clock: FakeClock;
let world: World;
let out: string[];

beforeEach(() => {
  clock = new FakeClock();
  world = new World({ clock, random: new SeededRandom(1), catalog: loadSampleCatalog(), latchHoldMs: 2_000 });
  out = [];
});

const ends = () => ({ clock, world, send: (frame: Uint8Array) => out.push(toHex(frame)) });

describe('WKLY board', () => {
  const board = (pushes = false): WklyBoard =>
    new WklyBoard({ ...ends(), boardAddress: 0, channel: 1, closedFeedback: 1, pushes, openReplyMs });

  test('open one (vendor demo): bolt at once, the answer carries the state of then', async () => {
    board().receive(bytesOfHex('574B4C590900820183'));
    expect(world.bolt).toBe('released');
    world.pull();
    await clock.advance(openReplyMs);
    expect(out).toEqual(['574B4C590B008200010081']);
  });

  test('read one, read all: 01 is shut, an open end reads 00', async () => {
    const one = board();
    one.receive(bytesOfHex('574B4C590900830182'));
    one.receive(bytesOfHex('574B4C5908008485'));
    await clock.advance(100);
    expect(out[0]).toBe('574B4C590B008300010181');
    expect(out[1]?.slice(0, 24)).toBe('574B4C59160084000C010000');
  });

  test('it says by itself when the door moves', () => {
    board(true);
    world.force();
    world.close();
    expect(out).toEqual(['574B4C590A0085010087', '574B4C590A0085010186']);
  });

  test('a channel that it does not have: failed, nothing moves', async () => {
    board().receive(encodeWklyHostMessage({ type: 'openOne', address: 0, channel: 24 }));
    await clock.advance(100);
    expect(out).toEqual(['574B4C59090082FF7D']);
    expect(world.bolt).toBe('locked');
  });

  test.each<WklyHostMessage>([
    { type: 'openAll', address: 0 },
    { type: 'openTogether', address: 0, channels: [1, 4] },
    { type: 'openInTurn', address: 0, channels: [4, 1] },
    { type: 'channelOn', address: 0, channel: 1 },
  ])('$type releases the bolt too', async (message) => {
    board().receive(encodeWklyHostMessage(message));
    expect(world.bolt).toBe('released');
    await clock.advance(openReplyMs);
    expect(out.length).toBe(1);
  });

  test('another board, another channel, a LED: the bolt stays', async () => {
    const one = board();
    one.receive(encodeWklyHostMessage({ type: 'openOne', address: 1, channel: 1 }));
    one.receive(encodeWklyHostMessage({ type: 'openOne', address: 0, channel: 2 }));
    one.receive(encodeWklyHostMessage({ type: 'flash', address: 0, channel: 1 }));
    await clock.advance(1_000);
    expect(world.bolt).toBe('locked');
    expect(out.length).toBe(2);
  });
});

describe('CU16 board', () => {
  const board = (): Cu16Board => new Cu16Board({ ...ends(), boardAddress: 0, channel: 1, closedFeedback: 1 });

  test('unlock answers nothing; a read says what the hook is', async () => {
    const one = board();
    one.receive(bytesOfHex('0200300335'));
    await clock.advance(50);
    one.receive(bytesOfHex('0200310336'));
    await clock.advance(50);
    expect(world.bolt).toBe('released');
    world.pull();
    one.receive(bytesOfHex('0200300335'));
    await clock.advance(50);
    expect(out).toEqual(['02003501000000033B', '02003500000000033A']);
  });

  test('read all boards is answered by each; other boards and locks are not meant', async () => {
    const one = board();
    one.receive(bytesOfHex('02F0320327'));
    one.receive(bytesOfHex('0210310346'));
    one.receive(bytesOfHex('0201310337'));
    await clock.advance(100);
    expect(out).toEqual(['02003601000000033C']);
    expect(world.bolt).toBe('locked');
    one.receive(bytesOfHex('0200330338'));
    expect(world.bolt).toBe('released');
  });
});

describe('relay board', () => {
  const board = (): RelayBoard => new RelayBoard({ channel: 1, load: lockCoil(world), relayId: 'PSUIS' });
  const set = (one: RelayBoard, hex: string): boolean => one.features.set(bytesOfHex(hex));
  const get = (one: RelayBoard): string => toHex(one.features.get(0) ?? new Uint8Array());

  test('on: released until it is off and nobody has pulled for the latch hold', async () => {
    const one = board();
    expect(set(one, '00FF01000000000000')).toBe(true);
    expect(get(one)).toBe('005053554953000001');
    await clock.advance(60_000);
    expect(world.bolt).toBe('released');
    expect(set(one, '00FD01000000000000')).toBe(true);
    expect(get(one)).toBe('005053554953000000');
    await clock.advance(1_900);
    expect(world.bolt).toBe('released');
    await clock.advance(200);
    expect(world.bolt).toBe('locked');
  });

  test('opened and shut while on: locked, and off does not let it go again', async () => {
    const one = board();
    set(one, '00FE00000000000000');
    world.pull();
    world.close();
    set(one, '00FC00000000000000');
    expect(world.bolt).toBe('locked');
  });

  test('other relays move nothing; what is no command is refused; another report id has no answer', () => {
    const one = board();
    expect(set(one, '00FF02000000000000')).toBe(true);
    expect(get(one)).toBe('005053554953000002');
    expect(set(one, '00AA01000000000000')).toBe(false);
    expect(set(one, '2109000300000800')).toBe(false);
    expect(one.features.get(1)).toBeNull();
    expect(world.bolt).toBe('locked');
    expect(set(one, '00FA41424344450000')).toBe(true);
    expect(get(one)).toBe('004142434445000002');
  });

  test('without USB power the relays drop', () => {
    const one = board();
    set(one, '00FF01000000000000');
    one.powerOff();
    expect(get(one)).toBe('005053554953000000');
  });
});
