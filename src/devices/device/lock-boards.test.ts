import { describe, expect, it } from 'vitest';
import type { DeviceErrorCode, DeviceSpec, DoorState } from '../../shared/model/device.ts';
import { bytesOfHex } from '../protocol/codec.ts';
import { encodeWklyDeviceMessage } from '../protocol/lock-wkly.ts';
import { BoardHarness, boardNames, boardSpec } from '../../testkit/devices/fake-lock.ts';
import type { BoardName } from '../../testkit/devices/fake-lock.ts';

/** Every fault in every state of each lock board, at byte level; 8A's own ways are in lock.test.ts. */

type Outcome = 'ok' | DeviceErrorCode;
interface Fault {
  readonly name: string;
  apply(harness: BoardHarness): void;
  repair(harness: BoardHarness): void;
  /** What an unlock may come to, that was under way (`before`: about to be made) when it happened. */
  readonly unlock: Readonly<Record<BoardName, Outcome>>;
  readonly isBefore?: boolean;
}

const same = (outcome: Outcome): Fault['unlock'] => ({
  'lock-8a': outcome,
  'lock-wkly': outcome,
  'lock-kerong-cu16': outcome,
});
const nothing = (): void => undefined;
const attachAgain = (harness: BoardHarness): void => {
  harness.players.lock = (transport) => {
    harness.fake.attach(transport);
  };
};

const faults: readonly Fault[] = [
  {
    name: 'unplug',
    apply: (harness) => {
      harness.transport('lock').unplug();
      harness.players.lock = (transport) => {
        transport.refuseOpen = true;
      };
    },
    repair: attachAgain,
    unlock: same('device.disconnected'),
  },
  {
    name: 'silence',
    apply: ({ fake }) => {
      fake.silent = true;
    },
    repair: ({ fake }) => {
      fake.silent = false;
    },
    unlock: same('device.timeout'),
  },
  {
    name: 'garbage',
    apply: ({ fake }) => {
      fake.distort = () => [bytesOfHex('80058A017F33574B4C590B0002002A')];
    },
    repair: ({ fake }) => {
      fake.distort = (frame) => [frame];
    },
    unlock: same('device.protocol'),
  },
  {
    name: 'stall',
    isBefore: true,
    apply: (harness) => {
      harness.transport('lock').stallWrite = true;
      harness.players.lock = (transport) => {
        transport.stallWrite = true;
      };
    },
    repair: attachAgain,
    unlock: same('device.disconnected'),
  },
  {
    name: 'another address',
    apply: ({ fake }) => {
      fake.address = 9;
    },
    repair: ({ fake }) => {
      fake.address = 1;
    },
    unlock: same('device.protocol'),
  },
  {
    name: 'late replies',
    apply: ({ fake }) => {
      fake.openReplyMs = 1700;
      fake.readReplyMs = 700;
    },
    repair: ({ fake }) => {
      fake.openReplyMs = 200;
      fake.readReplyMs = 10;
    },
    // The late answer to the poll is waited for; the acknowledgement of the first open comes in the second attempt.
    unlock: same('ok'),
    isBefore: true,
  },
  {
    name: 'doubled replies',
    apply: ({ fake }) => {
      fake.copies = 2;
    },
    repair: ({ fake }) => {
      fake.copies = 1;
    },
    unlock: same('ok'),
  },
  {
    name: 'reordered replies',
    isBefore: true,
    apply: (harness) => {
      harness.fake.holdReplies = true;
      harness.clock.after(700, () => {
        harness.fake.holdReplies = false;
        harness.fake.releaseBackwards();
      });
    },
    repair: nothing,
    unlock: same('ok'),
  },
  {
    name: 'wrong checksums',
    apply: ({ fake }) => {
      fake.distort = (frame) => [frame.map((b, i) => (i === frame.length - 1 ? b ^ 1 : b))];
    },
    repair: ({ fake }) => {
      fake.distort = (frame) => [frame];
    },
    unlock: same('device.protocol'),
  },
  {
    name: 'bytes around each frame',
    apply: ({ fake }) => {
      fake.distort = (frame) => [bytesOfHex('00FF02'), frame.subarray(0, 2), frame.subarray(2)];
    },
    repair: ({ fake }) => {
      fake.distort = (frame) => [frame];
    },
    unlock: same('ok'),
  },
  {
    name: 'the door moves amid it (a push where the board has one)',
    apply: ({ fake }) => {
      fake.move(0);
      fake.move(1);
    },
    repair: nothing,
    unlock: same('ok'),
  },
];

const noticedMs = 7_000;
const repairedMs = 15_000;

async function up(name: BoardName, spec: DeviceSpec = boardSpec(name)): Promise<BoardHarness> {
  const harness = new BoardHarness(name);
  await harness.up([spec]);
  harness.supervisor.setPollMode('active');
  await harness.clock.advance(300);
  return harness;
}

/** It works again: the door is known, and an unlock is one frame and ok. */
async function expectWell(harness: BoardHarness, door: DoorState): Promise<void> {
  expect(harness.health('lock')).toBe('ready');
  expect(harness.supervisor.door).toBe(door);
  const before = harness.openCount();
  expect((await harness.outcome(harness.supervisor.unlock())).result).toBe('ok');
  expect(harness.openCount()).toBe(before + 1);
}

describe.each(boardNames)('%s', (name) => {
  describe.each(faults)('$name', (fault) => {
    it('idle: no open frame, no false door, well afterwards', async () => {
      const harness = await up(name);
      fault.apply(harness);
      await harness.clock.advance(noticedMs);
      fault.repair(harness);
      await harness.clock.advance(repairedMs);
      expect(harness.openCount()).toBe(0);
      const seen = harness.doors().filter((door) => door === 'open');
      // The one fault in which the door really moves, where the board says so at once.
      expect(seen.length).toBe(fault.name.startsWith('the door moves') && harness.fake.wire.push ? 1 : 0);
      await expectWell(harness, 'closed');
    });

    it('unlocking: its outcome, at most two open frames, none after it has returned', async () => {
      const harness = await up(name);
      if (fault.isBefore === true) fault.apply(harness);
      const call = harness.outcome(harness.supervisor.unlock());
      if (fault.isBefore !== true) {
        await harness.clock.advance(5);
        fault.apply(harness);
      }
      const { result, tookMs } = await call;
      expect(result).toBe(fault.unlock[name]);
      // A poll under way, the wait for its late answer, two attempts.
      expect(tookMs).toBeLessThan(6_000);
      const opens = harness.openCount();
      expect(opens).toBeLessThanOrEqual(2);
      fault.repair(harness);
      await harness.clock.advance(repairedMs);
      expect(harness.openCount()).toBe(opens);
      await expectWell(harness, 'closed');
    });

    it('door open, shut meanwhile: open, perhaps unknown, then closed', async () => {
      const harness = await up(name);
      harness.fake.move(0);
      await harness.clock.advance(300);
      expect(harness.doors()).toEqual(['closed', 'open']);
      fault.apply(harness);
      await harness.clock.advance(1_000);
      harness.fake.feedback = 1;
      await harness.clock.advance(noticedMs);
      fault.repair(harness);
      await harness.clock.advance(repairedMs);
      const after = harness.doors().slice(2);
      if (!fault.name.startsWith('the door moves')) {
        expect(after.filter((door) => door !== 'unknown')).toEqual(['closed']);
      }
      expect(after.at(-1)).toBe('closed');
      expect(harness.openCount()).toBe(0);
      await expectWell(harness, 'closed');
    });
  });

  it('inverted feedback: the setting turns it round', async () => {
    const harness = await up(name, boardSpec(name, 0));
    expect(harness.doors()).toEqual(['open']);
    harness.fake.move(0);
    await harness.clock.advance(300);
    expect(harness.doors()).toEqual(['open', 'closed']);
  });

  it('the contact on another input: that one is read, the lock is opened where it hangs', async () => {
    const harness = await up(name, { ...boardSpec(name), feedbackChannel: 7 } as DeviceSpec);
    harness.fake.channel = 7;
    await harness.clock.advance(500);
    expect(harness.doors().at(-1)).toBe('closed');
    const call = harness.supervisor.unlock();
    // The answer to the open names the lock's own channel.
    if (harness.fake.wire.openReply !== null) harness.fake.channel = 3;
    await harness.clock.advance(400);
    expect((await call).ok).toBe(true);
    expect(harness.openCount()).toBe(1);
  });

  it('after the pulse it says what the contact says, and nothing else', async () => {
    const harness = await up(name);
    expect((await harness.outcome(harness.supervisor.unlock())).result).toBe('ok');
    await harness.clock.advance(5_000);
    expect(harness.doors()).toEqual(['closed']);
    harness.fake.move(0);
    await harness.clock.advance(300);
    harness.fake.move(1);
    await harness.clock.advance(300);
    expect(harness.doors()).toEqual(['closed', 'open', 'closed']);
  });

  it('a door edge is emitted in the very turn of its last byte', async () => {
    const harness = await up(name);
    harness.fake.holdReplies = true;
    await harness.clock.advance(150);
    harness.fake.feedback = 0;
    const frame = harness.fake.wire.push?.({ address: 1, channel: 3, feedback: 0 });
    const bytes = frame ?? harness.fake.wire.readReply({ address: 1, channel: 3, feedback: 0 });
    const atMs = harness.clock.monotonicMs();
    harness.transport('lock').send(bytes.subarray(0, -1));
    expect(harness.doors()).toEqual(['closed']);
    harness.transport('lock').send(bytes.subarray(-1));
    await harness.clock.advance(0);
    expect(harness.of('door').at(-1)).toMatchObject({ type: 'door', door: 'open', atMs });
  });
});

it.each(['lock-8a', 'lock-wkly'] as const)('%s: another channel is not ours', async (name) => {
  const harness = await up(name);
  harness.fake.channel = 5;
  harness.fake.move(0);
  expect((await harness.outcome(harness.supervisor.readDoor())).result).toBe('device.protocol');
  expect((await harness.outcome(harness.supervisor.unlock())).result).toBe('device.protocol');
  expect(harness.openCount()).toBe(2);
  expect(harness.doors()).not.toContain('open');
});

it('CU16: the late answer to a read that timed out is no proof that the open was heard', async () => {
  const harness = await up('lock-kerong-cu16');
  harness.supervisor.setPollMode('idle');
  await harness.clock.advance(1_005);
  harness.fake.readReplyMs = 600;
  const read = harness.outcome(harness.supervisor.readDoor());
  await harness.clock.advance(5);
  harness.fake.readReplyMs = 300;
  const call = harness.supervisor.unlock();
  expect((await read).result).toBe('device.timeout');
  // The open's own read goes out 40 ms after this; the late answer comes 60 ms later, its own 300 ms later.
  const { result, tookMs } = await harness.outcome(call);
  expect(result).toBe('ok');
  expect(tookMs).toBeGreaterThanOrEqual(300);
  expect(harness.openCount()).toBe(1);
});

describe('WKLY says no', () => {
  it('open failed: device.refused at once, not tried again', async () => {
    const harness = await up('lock-wkly');
    harness.fake.distort = () => [
      encodeWklyDeviceMessage({ type: 'opened', address: 1, isDone: false, channel: 3, feedback: null }),
    ];
    expect((await harness.outcome(harness.supervisor.unlock())).result).toBe('device.refused');
    expect(harness.openCount()).toBe(1);
  });

  it('the status alone is a no as well', async () => {
    const harness = await up('lock-wkly');
    harness.fake.distort = () => [
      encodeWklyDeviceMessage({ type: 'failed', command: 'openOne', address: 1 }),
    ];
    expect((await harness.outcome(harness.supervisor.unlock())).result).toBe('device.refused');
    expect(harness.openCount()).toBe(1);
  });

  it.each([
    [boardSpec('lock-wkly'), 'error', ['closed', 'unknown']],
    // With a door sensor the board's own contact is of no interest: it answers, and so it is well.
    [{ ...boardSpec('lock-wkly'), doorFrom: 'sensor' } as DeviceSpec, 'ready', null],
  ] as const)('it cannot read its contact: %j is %s', async (spec, state, doors) => {
    const harness = new BoardHarness('lock-wkly');
    const sensor: DeviceSpec = { ...boardSpec('lock-8a'), kind: 'door-sensor' } as DeviceSpec;
    await harness.up(doors === null ? [spec, sensor] : [spec]);
    await harness.clock.advance(600);
    harness.fake.distort = () => [
      encodeWklyDeviceMessage({ type: 'state', address: 1, isDone: true, channel: 3, feedback: null }),
    ];
    await harness.clock.advance(3_000);
    if (doors !== null) expect(harness.doors()).toEqual(doors);
    const lock = harness.supervisor.health().find((one) => one.kind === 'lock');
    expect(lock?.detail.includes('contact')).toBe(state === 'error');
    expect(harness.transports.lock.length).toBe(1);
  });
});
