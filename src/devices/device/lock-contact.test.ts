import { describe, expect, it } from 'vitest';
import { BoardHarness, boardNames, boardSpec } from '../../testkit/devices/fake-lock.ts';
import { uselessMax } from './useless-run.ts';

/** A contact that is stuck, or was never wired, says "shut" whatever happens: no door may be opened behind its back for ever. */
describe.each(boardNames)('%s', (name) => {
  async function open(harness: BoardHarness, isPulled: boolean): Promise<void> {
    const call = harness.supervisor.unlock();
    await harness.outcome(call);
    expect(await call).toMatchObject({ ok: true });
    if (isPulled) harness.fake.move(0);
    await harness.clock.advance(2000);
    harness.fake.move(1);
    await harness.clock.advance(2000);
  }

  it('a door that is never seen open makes the lock an error that says why; seen open, it is well', async () => {
    const harness = new BoardHarness(name);
    await harness.up([boardSpec(name)]);
    for (let i = 0; i < uselessMax; i++) {
      await open(harness, false);
      expect(harness.health('lock')).toBe('ready');
    }
    await open(harness, false);
    expect(harness.supervisor.health()[0]).toMatchObject({ state: 'error', fault: 'fault.contact' });
    expect(harness.supervisor.health()[0]?.detail).toContain('not seen open');
    expect(harness.of('health').at(-1)?.devices[0]?.state).toBe('error');
    harness.fake.move(0);
    await harness.clock.advance(2000);
    expect(harness.health('lock')).toBe('ready');
  });

  it('shoppers who do not pull now and then are no fault', async () => {
    const harness = new BoardHarness(name);
    await harness.up([boardSpec(name)]);
    for (let i = 0; i < 3 * uselessMax; i++) await open(harness, i % 5 === 0);
    expect(harness.health('lock')).toBe('ready');
  });

  it('a cabinet that is switched off each night counts on, and finds it all the same', async () => {
    let remembered = 0;
    for (let day = 0; day <= uselessMax; day++) {
      const harness = new BoardHarness(name);
      await harness.supervisor.configure({ simulated: true, devices: [boardSpec(name)] }, remembered);
      await harness.clock.advance(200);
      expect(harness.health('lock')).toBe('ready');
      await open(harness, false);
      remembered = harness.of('openings').at(-1)?.unseen ?? remembered;
    }
    const harness = new BoardHarness(name);
    await harness.supervisor.configure({ simulated: true, devices: [boardSpec(name)] }, remembered);
    await harness.clock.advance(200);
    expect(harness.supervisor.health()[0]).toMatchObject({ state: 'error' });
    harness.fake.move(0);
    await harness.clock.advance(2000);
    expect([harness.health('lock'), harness.of('openings').at(-1)?.unseen]).toEqual(['ready', 0]);
  });
});
