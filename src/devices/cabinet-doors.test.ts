import { describe, expect, it, test } from 'vitest';
import type { FakeClock } from '../shared/clock.ts';
import { type DeviceSpec, type DoorState, cabinetDevicesSchema, doorOfAll } from '../shared/model/device.ts';
import { DeviceHarness, lockSpec, readerSpec } from '../testkit/devices/device-harness.ts';
import { encodeLockDeviceMessage, lockHostDecoder } from './protocol/lock-8a.ts';
import type { MemoryTransport } from './transport/memory.ts';

/** One 8A board with the locks of several doors, as two doors of a cabinet usually hang on one. */
class BoardOfDoors {
  /** What each channel's input reads: 1 is shut. */
  readonly feedback: (0 | 1)[] = [1, 1, 1, 1];
  readonly opened: number[] = [];
  /** Requests that came while the answer to another one was out. */
  crossedCount = 0;
  /** Gives no answer for this channel. */
  deafChannel: number | null = null;
  isSilent = false;
  #transport: MemoryTransport | null = null;
  #answersOut = 0;
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  attach(transport: MemoryTransport): void {
    this.#transport = transport;
    const decoder = lockHostDecoder();
    transport.onHostBytes((bytes) => {
      for (const message of decoder.push(bytes)) {
        if (message.type !== 'openOne' && message.type !== 'readOne') continue;
        const { channel } = message;
        if (this.#answersOut > 0) this.crossedCount++;
        if (message.type === 'openOne') this.opened.push(channel);
        if (this.isSilent || channel === this.deafChannel) continue;
        this.#answersOut++;
        this.#clock.after(message.type === 'openOne' ? 500 : 10, () => {
          this.#answersOut--;
          transport.send(
            encodeLockDeviceMessage({
              type: message.type === 'openOne' ? 'opened' : 'feedback',
              address: 1,
              channel,
              feedback: this.feedback[channel - 1] ?? 1,
            }),
          );
        });
      }
    });
  }

  move(channel: number, door: 'open' | 'closed'): void {
    this.feedback[channel - 1] = door === 'open' ? 0 : 1;
  }

  push(channel: number, door: 'open' | 'closed'): void {
    this.move(channel, door);
    const feedback = this.feedback[channel - 1] ?? 1;
    this.#transport?.send(
      encodeLockDeviceMessage({ type: 'pushed', head: 0x82, address: 1, channel, feedback }),
    );
  }
}

const channel = (number: number): DeviceSpec => ({ ...lockSpec, channel: number }) as DeviceSpec;

async function twoDoors(devices = [channel(1), channel(2), readerSpec]) {
  const harness = new DeviceHarness();
  const board = new BoardOfDoors(harness.clock);
  harness.players.lock = (transport) => {
    board.attach(transport);
  };
  await harness.up(devices);
  return { harness, board };
}

const lastDoor = (harness: DeviceHarness) => {
  const last = harness.of('door').at(-1);
  return [last?.door, last?.doors];
};

describe('two doors on one board', () => {
  it('share its port: it is opened once, and asked one thing at a time', async () => {
    const { harness, board } = await twoDoors();
    harness.supervisor.setPollMode('active');
    await harness.clock.advance(5_000);
    expect(harness.transports.lock).toHaveLength(1);
    expect(lastDoor(harness)).toEqual(['closed', ['closed', 'closed']]);
    await harness.outcome(harness.supervisor.unlock(2));
    await harness.clock.advance(1_000);
    expect([board.opened, board.crossedCount]).toEqual([[2], 0]);
    const locks = harness.supervisor.health().filter(({ kind }) => kind === 'lock');
    expect(locks.map(({ state, errorCount }) => [state, errorCount])).toEqual([
      ['ready', 0],
      ['ready', 0],
    ]);
  });

  it('each opens for itself; together they are open while one of them is', async () => {
    const { harness, board } = await twoDoors();
    expect(await harness.outcome(harness.supervisor.unlock(2))).toMatchObject({ result: 'ok' });
    expect(board.opened).toEqual([2]);
    board.move(2, 'open');
    await harness.clock.advance(1_000);
    expect(lastDoor(harness)).toEqual(['open', ['closed', 'open']]);
    await harness.outcome(harness.supervisor.unlock(1));
    board.push(1, 'open');
    await harness.clock.advance(1_000);
    expect(lastDoor(harness)).toEqual(['open', ['open', 'open']]);
    board.move(2, 'closed');
    await harness.clock.advance(1_000);
    expect(lastDoor(harness)).toEqual(['open', ['open', 'closed']]);
    board.move(1, 'closed');
    await harness.clock.advance(1_000);
    expect(lastDoor(harness)).toEqual(['closed', ['closed', 'closed']]);
  });

  it('a door that nobody opens is found by itself, and the other one goes on', async () => {
    const { harness, board } = await twoDoors();
    board.deafChannel = 2;
    for (let time = 0; time < 3; time++) {
      await harness.outcome(harness.supervisor.unlock(2), 10_000);
      await harness.clock.advance(60_000);
    }
    const health = harness.supervisor.health().filter(({ kind }) => kind === 'lock');
    expect(health.map(({ id, door, state }) => [id, door, state === 'ready'])).toEqual([
      ['lock-1', 1, true],
      ['lock-2', 2, false],
    ]);
    expect(harness.transports.lock).toHaveLength(1);
    expect(harness.of('openings').every(({ ofDoor }) => ofDoor === 2)).toBe(true);
    expect(lastDoor(harness)).toEqual(['unknown', ['closed', 'unknown']]);
    expect(await harness.outcome(harness.supervisor.unlock(1))).toMatchObject({ result: 'ok' });
  });

  it('a line on which nobody answers is opened anew', async () => {
    const { harness, board } = await twoDoors();
    board.isSilent = true;
    await harness.clock.advance(20_000);
    expect(harness.transports.lock.length).toBeGreaterThan(1);
    board.isSilent = false;
    await harness.clock.advance(20_000);
    expect(lastDoor(harness)).toEqual(['closed', ['closed', 'closed']]);
  });

  it('a cable that is pulled ends both, and both come back', async () => {
    const { harness } = await twoDoors();
    harness.transports.lock.at(-1)?.unplug();
    await harness.clock.advance(20);
    expect(lastDoor(harness)).toEqual(['unknown', ['unknown', 'unknown']]);
    await harness.clock.advance(10_000);
    expect(lastDoor(harness)).toEqual(['closed', ['closed', 'closed']]);
    expect(await harness.outcome(harness.supervisor.unlock(1))).toMatchObject({ result: 'ok' });
  });

  it('a door that is not there is not opened', async () => {
    const { harness, board } = await twoDoors();
    expect(await harness.outcome(harness.supervisor.unlock(3))).toMatchObject({ result: 'device.missing' });
    expect(board.opened).toEqual([]);
  });

  it('is configured anew without the port being opened twice at a time', async () => {
    const { harness } = await twoDoors();
    await harness.up([channel(1), channel(2)]);
    expect(harness.transports.lock).toHaveLength(2);
    expect(lastDoor(harness)).toEqual(['closed', ['closed', 'closed']]);
  });
});

test.each<[DoorState[], DoorState]>([
  [[], 'unknown'],
  [['closed', 'closed'], 'closed'],
  [['closed', 'open'], 'open'],
  [['open', 'unknown'], 'open'],
  [['closed', 'unknown'], 'unknown'],
])('%j as one door: %s', (doors, one) => {
  expect(doorOfAll(doors)).toBe(one);
});

describe('a profile', () => {
  const parse = (devices: DeviceSpec[]) =>
    cabinetDevicesSchema.safeParse({ simulated: true, devices }).success;

  it('has four doors at most, each with a bolt of its own', () => {
    expect(parse([channel(1), channel(2), channel(3), channel(4)])).toBe(true);
    expect(parse([1, 2, 3, 4, 5].map(channel))).toBe(false);
    expect(parse([channel(1), channel(1)])).toBe(false);
  });

  it('has a contact of its own for each door: one that was copied hides that the second door is open', () => {
    const wrong = { ...channel(2), feedbackChannel: 1 } as DeviceSpec;
    expect(parse([channel(1), wrong])).toBe(false);
    expect(parse([channel(1), { ...channel(2), feedbackChannel: 3 } as DeviceSpec])).toBe(true);
    const sensor = (input: number): DeviceSpec => ({ ...channel(input), kind: 'door-sensor' }) as DeviceSpec;
    const seenBy = (number: number): DeviceSpec => ({ ...channel(number), doorFrom: 'sensor' }) as DeviceSpec;
    expect(parse([seenBy(1), seenBy(2), sensor(5), sensor(5)])).toBe(false);
    expect(parse([seenBy(1), seenBy(2), sensor(5), sensor(6)])).toBe(true);
  });

  it('has one bolt on a relay board, which is switched off as a whole', () => {
    const relay = (serialNumber?: string): DeviceSpec => ({
      kind: 'lock',
      protocol: 'relay-dcttech',
      transport: { kind: 'hid', match: { vendorId: 0x16c0, productId: 0x05df, serialNumber } },
      channel: 1,
      pulseMs: 500,
    });
    expect(parse([relay(), { ...relay(), channel: 2 } as DeviceSpec])).toBe(false);
    expect(parse([relay('A'), relay('B')])).toBe(true);
  });
});
