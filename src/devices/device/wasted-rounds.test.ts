import { expect, describe, it } from 'vitest';
import { encodeRfidDeviceMessage } from '../protocol/rfid-r200.ts';
import { encodeSw5357DeviceMessage, sw5357Cmd } from '../protocol/rfid-sw5357.ts';
import { encodeUhf18DeviceMessage, uhf18Cmd } from '../protocol/rfid-uhfreader18.ts';
import { FakeSw5357, FakeUhf18, sw5357Spec, uhf18Spec } from '../../testkit/devices/fake-round-reader.ts';
import { DeviceHarness, readerSpec } from '../../testkit/devices/device-harness.ts';
import { UselessPauses, pausesMaxMs } from './useless-run.ts';

/** Readers that hear the shelf now and then: goods leave in between, and nothing else shows it. */
const epcA = 'E200001D7315016521408FC6';

const uhf18Trouble = encodeUhf18DeviceMessage({
  type: 'status',
  address: 0,
  command: uhf18Cmd.inventory,
  status: 0xf8,
  name: '',
});
const uhf18Damaged = encodeUhf18DeviceMessage({
  type: 'rawReply',
  address: 0,
  command: uhf18Cmd.inventory,
  status: 1,
  data: '010CE2',
});
const sw5357Trouble = encodeSw5357DeviceMessage({
  type: 'status',
  address: 0,
  command: sw5357Cmd.inventory,
  status: 2,
});
const sw5357Damaged = encodeSw5357DeviceMessage({
  type: 'rawReply',
  address: 0,
  command: sw5357Cmd.inventory,
  status: 1,
  data: '0001E2',
});
const uhf18 = (form: 'old' | 'new') => ({
  name: `UHFReader18, ${form} form`,
  spec: { ...uhf18Spec, form },
  make: ({ clock }: DeviceHarness): FakeUhf18 => Object.assign(new FakeUhf18(clock), { form }),
  trouble: uhf18Trouble,
  says: 'status f8 antenna_error',
  damaged: uhf18Damaged,
});
const dialects = [
  uhf18('old'),
  uhf18('new'),
  {
    name: '53 57',
    spec: sw5357Spec,
    make: ({ clock }: DeviceHarness) => new FakeSw5357(clock),
    trouble: sw5357Trouble,
    says: 'status 2',
    damaged: sw5357Damaged,
  },
];

const now = (harness: DeviceHarness) => {
  const [health] = harness.supervisor.health();
  return { state: health?.state, detail: health?.detail };
};

describe.each(dialects)('$name', ({ spec, make, trouble, says, damaged }) => {
  /** Some rounds end in these frames instead, or hear blank tags alone. */
  async function spoilt(frames: readonly Uint8Array[] | 'blank', isSpoilt: (round: number) => boolean) {
    const harness = new DeviceHarness();
    const reader = make(harness);
    Object.assign(reader, { tags: [epcA], roundMs: 480 });
    const sound = (reader as unknown as { round(): Uint8Array[] }).round.bind(reader);
    const blank = (): Uint8Array[] => {
      reader.tags = [''];
      const heard = sound();
      reader.tags = [epcA];
      return heard;
    };
    let round = 0;
    const spoil = (): Uint8Array[] => {
      if (!isSpoilt(round++)) return sound();
      return frames === 'blank' ? blank() : [...frames];
    };
    harness.players['tag-reader'] = (transport) => {
      reader.attach(transport);
    };
    await harness.up([spec]);
    Object.assign(reader, { round: spoil });
    return { harness, reader, heal: () => Object.assign(reader, { round: sound }) };
  }

  it.each([
    ['active', 'trouble', [trouble], says],
    ['idle', 'trouble', [trouble], says],
    ['active', 'damage', [damaged], 'cannot be used'],
    ['idle', 'damage', [damaged], 'cannot be used'],
    ['active', 'blank tags', 'blank', 'cannot be used'],
    ['idle', 'blank tags', 'blank', 'cannot be used'],
    ['active', 'nothing', [], 'lost or late'],
    ['idle', 'nothing', [], 'lost or late'],
  ] as const)(
    '%s, two rounds of three end in %s: an error that says so, and well within a minute after',
    async (pollMode, _what, frames, text) => {
      const { harness, heal } = await spoilt(frames, (round) => round % 3 !== 0);
      harness.supervisor.setPollMode(pollMode);
      await harness.clock.advance(60_000);
      for (let second = 0; second < 60; second++) {
        await harness.clock.advance(1_000);
        // What says nothing for some seconds is silent meanwhile.
        const { state, detail } = now(harness);
        expect(['error', 'silent']).toContain(state);
        expect(detail).toContain(state === 'error' ? text : 'does not answer');
      }
      expect(harness.transports['tag-reader']).toHaveLength(1);
      heal();
      await harness.clock.advance(pollMode === 'active' ? 92_000 : 62_000);
      expect(now(harness).state).toBe('ready');
    },
  );

  it.each(['active', 'idle'] as const)(
    '%s, one round of thirty ends in any of these: ready',
    async (mode) => {
      for (const frames of [[trouble], [damaged], 'blank', []] as const) {
        const { harness } = await spoilt(frames, (round) => round % 30 === 29);
        harness.supervisor.setPollMode(mode);
        harness.messages.length = 0;
        await harness.clock.advance(120_000);
        const states = harness.of('health').flatMap(({ devices }) => devices.map(({ state }) => state));
        expect(new Set([...states, now(harness).state])).toEqual(new Set(['ready']));
      }
    },
  );

  /** Visits of 10 s, ten minutes of rest between them, in which so many of three rounds end in nothing of use. */
  async function visits(count: number, spoiltOfThree: number) {
    let isVisit = false;
    const made = await spoilt([trouble], (round) => isVisit && round % 3 < spoiltOfThree);
    const { harness } = made;
    for (let visit = 0; visit < count; visit++) {
      harness.supervisor.setPollMode('active');
      isVisit = true;
      await harness.clock.advance(10_000);
      isVisit = false;
      harness.supervisor.setPollMode('idle');
      if (visit < count - 1) await harness.clock.advance(600_000);
    }
    return made;
  }

  it('sound at rest alone: an error after two visits, until it reads without a pause', async () => {
    const { harness } = await visits(2, 2);
    await harness.clock.advance(1_000);
    expect(now(harness)).toMatchObject({
      state: 'error',
      detail: expect.stringContaining(says) as string,
    });
    // For longer than it takes until staff is told (a minute, looked at every 10 s).
    await harness.clock.advance(75_000);
    expect(now(harness).state).toBe('error');
    await harness.clock.advance(20_000);
    expect(now(harness).state).toBe('ready');
  });

  it('sound in its visits too: ready', async () => {
    const { harness } = await visits(6, 0);
    await harness.clock.advance(1_000);
    expect(now(harness).state).toBe('ready');
  });

  it('quick rounds that are of no use, one of four, are no pause: ready', async () => {
    const { harness, reader } = await spoilt([damaged], (round) => round % 4 === 0);
    reader.roundMs = 40;
    harness.supervisor.setPollMode('active');
    await harness.clock.advance(120_000);
    expect(now(harness).state).toBe('ready');
  });
});

it.each([
  ['an error', { type: 'error', code: 0x17, name: '', tail: '' }, 'error 17'],
  [
    'a damaged tag',
    { type: 'tag', notice: 0x22, rssiDbm: -50, pc: 0x2000, epc: epcA, crc: 0 },
    'cannot be used',
  ],
] as const)(
  'R200: %s for 0.9 s, tags for 0.3 s, and so on: an error that says so',
  async (_what, message, text) => {
    const harness = new DeviceHarness();
    harness.reader.tags = [epcA];
    await harness.up([readerSpec]);
    harness.supervisor.setPollMode('active');
    for (let i = 0; i < 40; i++) {
      await harness.clock.advance(300);
      harness.reader.silent = true;
      for (let j = 0; j < 3; j++) {
        await harness.clock.advance(300);
        harness.transport('tag-reader').send(encodeRfidDeviceMessage(message));
      }
      harness.reader.silent = false;
    }
    await harness.clock.advance(100);
    expect(now(harness)).toEqual({ state: 'error', detail: expect.stringContaining(text) as string });
    await harness.clock.advance(91_000);
    expect(now(harness)).toEqual({ state: 'ready', detail: '' });
  },
);

it.each([
  [1, 'ready'],
  [2, 'error'],
] as const)(
  'R200: silent without a pause until it is connected anew, %i times in a minute: %s when it speaks',
  async (times, state) => {
    const harness = new DeviceHarness();
    harness.reader.tags = [epcA];
    await harness.up([readerSpec]);
    harness.supervisor.setPollMode('active');
    for (let i = 1; i <= times; i++) {
      await harness.clock.advance(5_000);
      harness.reader.silent = true;
      await harness.clock.advance(11_500);
      expect(harness.transports['tag-reader'].length).toBe(1 + i);
      harness.reader.silent = false;
      await harness.clock.advance(3_000);
    }
    expect(now(harness).state).toBe(state);
    // Sound at rest, it is read without a pause until it has shown that it can.
    harness.supervisor.setPollMode('idle');
    await harness.clock.advance(80_000);
    expect(now(harness).state).toBe(state);
    await harness.clock.advance(20_000);
    expect(now(harness).state).toBe('ready');
  },
);

it('names what most of the wasted time was lost by, and forgets it after a minute', () => {
  const noise = { detail: 'noise', fault: 'fault.line' } as const;
  const antenna = { detail: 'antenna', fault: 'fault.unreadable' } as const;
  const pauses = new UselessPauses();
  pauses.note({ endMs: 1_000, tookMs: pausesMaxMs / 4, cause: noise });
  expect(pauses.errorAt(1_000)).toBeNull();
  pauses.note({ endMs: 2_000, tookMs: (pausesMaxMs * 3) / 4, cause: antenna });
  pauses.note({ endMs: 3_000, tookMs: pausesMaxMs / 4, cause: noise });
  expect(pauses.errorAt(3_000)).toEqual(antenna);
  expect(pauses.errorAt(61_000)).toEqual(antenna);
  expect(pauses.errorAt(62_000)).toBeNull();
});
