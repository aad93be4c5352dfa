import { describe, expect, it } from 'vitest';
import { FakeSw5357, FakeUhf18, sw5357Spec, uhf18Spec } from '../../testkit/devices/fake-round-reader.ts';
import { DeviceHarness } from '../../testkit/devices/device-harness.ts';

/** A reader whose rounds are too long is named for what it is, and not called a bad cable. */

const epcA = 'E200001D7315016521408FC6';

describe.each([
  ['UHFReader18', uhf18Spec, (harness: DeviceHarness) => new FakeUhf18(harness.clock)],
  ['53 57', sw5357Spec, (harness: DeviceHarness) => new FakeSw5357(harness.clock)],
] as const)('%s', (_name, spec, make) => {
  async function up(roundMs: number) {
    const harness = new DeviceHarness();
    const reader = make(harness);
    reader.tags = [epcA];
    reader.roundMs = roundMs;
    harness.players['tag-reader'] = (transport) => {
      reader.attach(transport);
    };
    await harness.up([spec]);
    harness.supervisor.setPollMode('active');
    return { harness, reader };
  }
  const health = (harness: DeviceHarness) => harness.supervisor.health()[0];
  /** What it was said to be, from the second second on. */
  const saidOver = async (harness: DeviceHarness, ms: number): Promise<Set<string>> => {
    const said = new Set<string>();
    for (let at = 0; at < ms; at += 100) {
      await harness.clock.advance(100);
      said.add(`${health(harness)?.state ?? ''} ${health(harness)?.detail ?? ''}`);
    }
    return said;
  };

  it.each([1000, 1050, 1300, 1500, 2000, 3500, 5000])(
    'rounds of %i ms: too long, never ready, never a cable',
    async (ms) => {
      const { harness } = await up(ms);
      const said = [...(await saidOver(harness, 90_000))];
      expect(said.filter((one) => one.startsWith('ready') || one.includes('cable'))).toEqual([]);
      expect(health(harness)).toMatchObject({
        state: 'error',
        fault: 'fault.slow',
        detail: expect.stringContaining(`takes ${(ms / 1000).toFixed(1)} s: too long`) as string,
      });
      // What it says of the shelf is heard all the same.
      expect(harness.of('tags').flatMap(({ reads }) => reads).length).toBeGreaterThan(10);
    },
  );

  it.each([40, 300, 700, 950])('rounds of %i ms are short enough', async (ms) => {
    const { harness } = await up(ms);
    await harness.clock.advance(3_000);
    expect([...(await saidOver(harness, 90_000))]).toEqual(['ready ']);
  });

  it('quick, then slow: too long within half a minute; quick again, and it is well', async () => {
    const { harness, reader } = await up(40);
    await harness.clock.advance(3_000);
    reader.roundMs = 1_300;
    await harness.clock.advance(30_000);
    expect(health(harness)?.detail).toContain('too long');
    reader.roundMs = 40;
    await harness.clock.advance(10_000);
    expect(health(harness)).toMatchObject({ state: 'ready', detail: '' });
  });

  it('a line that loses answers is still called that', async () => {
    const { harness } = await up(40);
    let seed = 7;
    harness.transport('tag-reader').corrupt = (bytes) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % 4 === 0 ? new Uint8Array() : bytes;
    };
    await harness.clock.advance(30_000);
    expect(health(harness)).toMatchObject({
      state: 'error',
      detail: expect.stringContaining('cable') as string,
    });
  });

  it('known to be quick and plugged in again, it is asked again 1 s after an answer that was lost', async () => {
    const { harness, reader } = await up(40);
    await harness.clock.advance(3_000);
    harness.transport('tag-reader').unplug();
    await harness.clock.advance(80);
    const sound = (reader as unknown as { round(): Uint8Array[] }).round.bind(reader);
    let lostMs = 0;
    Object.assign(reader, {
      round: () => {
        if (lostMs > 0) return sound();
        lostMs = harness.clock.monotonicMs();
        return [];
      },
    });
    harness.messages.length = 0;
    await harness.clock.advance(10_000);
    const [first] = harness.of('tags');
    expect((first?.atMs ?? Infinity) - lostMs).toBeLessThan(1_500);
  });

  it('one that falls silent is silent after 3 s, also before its first round', async () => {
    const { harness, reader } = await up(40);
    reader.silent = true;
    await harness.clock.advance(5_500);
    expect(health(harness)?.state).toBe('silent');
    const fresh = await up(60_000);
    await fresh.harness.clock.advance(5_500);
    expect(health(fresh.harness)?.state).toBe('silent');
  });
});
