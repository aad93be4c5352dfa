import { describe, expect, it } from 'vitest';
import type { DeviceSpec } from '../../shared/model/device.ts';
import { scaleRegisterMapDefault } from '../../shared/model/scale.ts';
import { BoardHarness, boardNames, boardSpec } from '../../testkit/devices/fake-lock.ts';
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
  /** A zero by function 6, whose confirmation is the request itself. */
  const spec = {
    ...modbusScaleSpec,
    registers: {
      ...scaleRegisterMapDefault,
      zero: { function: 6, register: 38, words: 1, value: 0 },
    },
  } as DeviceSpec;

  it('weights are read through the echo', async () => {
    const { harness } = await bus((fake) => {
      fake.echoes = true;
      fake.put(1, 250);
    }, spec);
    await harness.clock.advance(1000);
    expect(lastWeight(harness)).toMatchObject({ milligrams: 250_000 });
  });

  it.each([true, false])('a deaf transmitter was not zeroed (echo from the start: %s)', async (fromStart) => {
    const { harness, fake } = await bus((one) => {
      one.echoes = fromStart;
    }, spec);
    fake.echoes = true;
    fake.units = [];
    expect(await outcomeOf(harness, harness.supervisor.zeroScale(1))).not.toBe('ok');
  });

  it('one that hears is zeroed, with the echo and without', async () => {
    for (const echoes of [true, false]) {
      const { harness } = await bus((fake) => {
        fake.echoes = echoes;
      }, spec);
      expect(await outcomeOf(harness, harness.supervisor.zeroScale(1))).toBe('ok');
    }
  });
});
