import { describe, expect, it } from 'vitest';
import type { DeviceSpec } from '../../shared/model/device.ts';
import { scaleRegisterMapDefault } from '../../shared/model/scale.ts';
import { BoardHarness, boardNames, boardSpec } from '../../testkit/devices/fake-lock.ts';
import type { BoardName, FakeLock } from '../../testkit/devices/fake-lock.ts';
import { modbusScaleSpec } from '../../testkit/devices/fake-scales.ts';
import type { DeviceHarness } from '../../testkit/devices/device-harness.ts';
import { bus, lastWeight } from '../../testkit/devices/scale-bench.ts';

/** A half-duplex line that gives back what was just written: no acknowledgement, whatever it looks like. */

async function outcomeOf(
  harness: DeviceHarness,
  call: Promise<{ ok: boolean; error?: { code: string } }>,
): Promise<string> {
  let outcome = 'pending';
  void call.then((result) => {
    outcome = result.ok ? 'ok' : (result.error?.code ?? '');
  });
  for (let i = 0; i < 1000 && outcome === 'pending'; i++) await harness.clock.advance(10);
  return outcome;
}

async function echoing(
  name: BoardName,
  change: (fake: FakeLock) => void = () => undefined,
): Promise<BoardHarness> {
  const harness = new BoardHarness(name);
  harness.fake.echoes = true;
  change(harness.fake);
  await harness.up([boardSpec(name)]);
  await harness.clock.advance(600);
  return harness;
}

/** A zero by function 6, whose confirmation is the request itself. */
const zeroBySix = {
  ...modbusScaleSpec,
  registers: {
    ...scaleRegisterMapDefault,
    zero: { function: 6, register: 38, words: 1, value: 0 },
  },
} as DeviceSpec;

describe.each(boardNames)('%s on a line that echoes', (name) => {
  it.each(['from the start', 'from the unlock on'] as const)(
    'a deaf board has not opened, %s: a second frame, then failure',
    async (since) => {
      const harness = new BoardHarness(name);
      if (since === 'from the start') harness.fake.echoes = true;
      await harness.up([boardSpec(name)]);
      await harness.clock.advance(600);
      harness.fake.echoes = true;
      harness.fake.silent = true;
      expect(await outcomeOf(harness, harness.supervisor.unlock())).not.toBe('ok');
      expect(harness.openCount()).toBe(2);
    },
  );

  it('a board that hears opens at the first frame, and its door is seen', async () => {
    const harness = new BoardHarness(name);
    harness.fake.echoes = true;
    await harness.up([boardSpec(name)]);
    await harness.clock.advance(600);
    expect(harness.health('lock')).toBe('ready');
    expect(await outcomeOf(harness, harness.supervisor.unlock())).toBe('ok');
    expect(harness.openCount()).toBe(1);
    harness.fake.move(0);
    await harness.clock.advance(600);
    expect(harness.of('door').at(-1)?.door).toBe('open');
  });

  it('a deaf board with an echo is silent, never ready', async () => {
    const harness = new BoardHarness(name);
    harness.fake.echoes = true;
    harness.fake.silent = true;
    await harness.up([boardSpec(name)]);
    await harness.clock.advance(3000);
    expect(harness.health('lock')).toBe('silent');
    expect(harness.of('door').filter(({ door }) => door !== 'unknown')).toEqual([]);
  });
});

/** What the line adds as it turns round, and an adapter that hands the echo on in two pieces. */
const noises = {
  'a byte of no frame': () => [0xff],
  'the head of a frame': (frame: Uint8Array) => [frame[0] ?? 0],
  'the beginning of a frame': (frame: Uint8Array) => [...frame.subarray(0, 2)],
};

function behind(noise: number[], frame: Uint8Array): Uint8Array[] {
  return [Uint8Array.of(...noise, ...frame.subarray(0, 2)), frame.slice(2)];
}

/** As what is sent comes back, but for those frames that noise spoils. */
const spoilt = (frame: Uint8Array): Uint8Array[] => [frame.map((byte, i) => (i === 2 ? byte ^ 0x40 : byte))];

describe.each(Object.entries(noises))('%s before an echo in two pieces', (_name, noise) => {
  const cut = (frame: Uint8Array): Uint8Array[] => behind(noise(frame), frame);

  describe.each(boardNames)('%s', (name) => {
    it('a deaf board has not opened', async () => {
      const harness = await echoing(name);
      harness.fake.cutEcho = cut;
      harness.fake.silent = true;
      expect(await outcomeOf(harness, harness.supervisor.unlock())).not.toBe('ok');
      expect(harness.openCount()).toBe(2);
    });

    it.each(['from the start', 'from the unlock on'] as const)(
      'a board that hears opens at the first frame, noise %s',
      async (since) => {
        const harness = await echoing(name, (fake) => {
          if (since === 'from the start') fake.cutEcho = cut;
        });
        harness.fake.cutEcho = cut;
        expect(harness.health('lock')).toBe('ready');
        expect(await outcomeOf(harness, harness.supervisor.unlock())).toBe('ok');
        expect(harness.openCount()).toBe(1);
      },
    );
  });

  it('an older 8A board that has not heard the opening has not opened, and is believed afterwards', async () => {
    const harness = await echoing('lock-8a', (fake) => {
      fake.isOld = true;
    });
    harness.fake.isDeafToOpens = true;
    harness.fake.cutEcho = cut;
    expect(await outcomeOf(harness, harness.supervisor.unlock())).not.toBe('ok');
    expect(harness.openCount()).toBe(2);
    harness.fake.isDeafToOpens = false;
    expect(await outcomeOf(harness, harness.supervisor.unlock())).toBe('ok');
    expect(harness.openCount()).toBe(3);
  });

  it('a deaf transmitter was not zeroed, one that hears was', async () => {
    const { harness, fake } = await bus((one) => {
      one.echoes = true;
    }, zeroBySix);
    fake.cutEcho = cut;
    expect(await outcomeOf(harness, harness.supervisor.zeroScale(1))).toBe('ok');
    fake.units = [];
    expect(await outcomeOf(harness, harness.supervisor.zeroScale(1))).not.toBe('ok');
  });
});

describe('an older 8A board that was once taken for a newer one', () => {
  it('is believed again on the next connection', async () => {
    const harness = await echoing('lock-8a');
    expect(await outcomeOf(harness, harness.supervisor.unlock())).toBe('ok');
    harness.fake.isOld = true;
    harness.transport('lock').unplug();
    await harness.clock.advance(10_000);
    expect(await outcomeOf(harness, harness.supervisor.unlock())).toBe('ok');
    expect(harness.openCount()).toBe(2);
  });
});

describe('an echo of a reading that noise has spoilt', () => {
  const lateMs = 80;

  it('leaves the line one that echoes: a late echo of the opening is no acknowledgement', async () => {
    const harness = await echoing('lock-8a', (fake) => {
      fake.readReplyMs = 100;
    });
    harness.fake.isDeafToOpens = true;
    harness.fake.cutEcho = spoilt;
    expect((await harness.outcome(harness.supervisor.readDoor())).result).toBe('ok');
    harness.fake.cutEcho = (frame) => [...Array.from({ length: lateMs / 4 }, () => new Uint8Array(0)), frame];
    expect(await outcomeOf(harness, harness.supervisor.unlock())).not.toBe('ok');
  });

  it('a board that hears the opening moves its bolt once', async () => {
    const harness = await echoing('lock-8a');
    harness.fake.cutEcho = spoilt;
    expect((await harness.outcome(harness.supervisor.readDoor())).result).toBe('ok');
    harness.fake.cutEcho = (frame) => [frame];
    expect(await outcomeOf(harness, harness.supervisor.unlock())).toBe('ok');
    expect(harness.openCount()).toBe(1);
  });
});

describe('an acknowledgement that equals its request, without an echo', () => {
  it('8A: counts once a reading has confirmed that the board hears', async () => {
    const harness = new BoardHarness('lock-8a');
    await harness.up([boardSpec('lock-8a')]);
    await harness.clock.advance(600);
    expect(await outcomeOf(harness, harness.supervisor.unlock())).toBe('ok');
    expect(harness.openCount()).toBe(1);
  });
});

describe('load cells on a line that echoes', () => {
  it('weights are read through the echo', async () => {
    const { harness } = await bus((fake) => {
      fake.echoes = true;
      fake.put(1, 250);
    }, zeroBySix);
    await harness.clock.advance(1000);
    expect(lastWeight(harness)).toMatchObject({ milligrams: 250_000 });
  });

  it.each([true, false])('a deaf transmitter was not zeroed (echo from the start: %s)', async (fromStart) => {
    const { harness, fake } = await bus((one) => {
      one.echoes = fromStart;
    }, zeroBySix);
    fake.echoes = true;
    fake.units = [];
    expect(await outcomeOf(harness, harness.supervisor.zeroScale(1))).not.toBe('ok');
  });

  it('one that hears is zeroed, with the echo and without', async () => {
    for (const echoes of [true, false]) {
      const { harness } = await bus((fake) => {
        fake.echoes = echoes;
      }, zeroBySix);
      expect(await outcomeOf(harness, harness.supervisor.zeroScale(1))).toBe('ok');
    }
  });
});
