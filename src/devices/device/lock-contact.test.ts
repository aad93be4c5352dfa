import { describe, expect, it } from 'vitest';
import { healthPeriodMs } from '../supervisor.ts';
import { encodeWklyDeviceMessage } from '../protocol/lock-wkly.ts';
import { BoardHarness, boardNames, boardSpec } from '../../testkit/devices/fake-lock.ts';
import type { OpeningsRecord } from '../../shared/model/host-messages.ts';
import { restFirstMs, sameOpeningMs } from './opening-watch.ts';
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
    await harness.clock.advance(sameOpeningMs);
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

  it('commands of one shopper are one opening', async () => {
    const harness = new BoardHarness(name);
    await harness.up([boardSpec(name)]);
    for (let visit = 1; visit <= uselessMax; visit++) {
      for (let command = 0; command < 3; command++) {
        await harness.outcome(harness.supervisor.unlock());
        await harness.clock.advance(5_000);
      }
      await harness.clock.advance(sameOpeningMs);
    }
    expect(harness.health('lock')).toBe('ready');
  });

  it('after a rest one more is let in: the door seen open, it is well; else it rests for longer', async () => {
    const harness = new BoardHarness(name);
    await harness.up([boardSpec(name)]);
    for (let i = 0; i <= uselessMax; i++) await open(harness, false);
    expect(harness.health('lock')).toBe('error');
    await harness.clock.advance(restFirstMs);
    expect(harness.health('lock')).toBe('ready');
    await open(harness, false);
    expect(harness.health('lock')).toBe('error');
    await harness.clock.advance(restFirstMs + healthPeriodMs);
    expect(harness.health('lock')).toBe('error');
    await harness.clock.advance(restFirstMs);
    expect(harness.of('health').at(-1)?.devices[0]?.state).toBe('ready');
    await open(harness, true);
    for (let i = 0; i < uselessMax; i++) await open(harness, false);
    expect(harness.health('lock')).toBe('ready');
  });

  it('shoppers who do not pull now and then are no fault', async () => {
    const harness = new BoardHarness(name);
    await harness.up([boardSpec(name)]);
    for (let i = 0; i < 3 * uselessMax; i++) await open(harness, i % 5 === 0);
    expect(harness.health('lock')).toBe('ready');
  });

  it('a cabinet that is switched off each night counts on, and finds it all the same', async () => {
    let remembered: OpeningsRecord[] = [];
    for (let day = 0; day <= uselessMax; day++) {
      const harness = new BoardHarness(name);
      await harness.supervisor.configure({ simulated: true, devices: [boardSpec(name)] }, remembered);
      await harness.clock.advance(200);
      expect(harness.health('lock')).toBe('ready');
      await open(harness, false);
      const last = harness.of('openings').at(-1);
      if (last !== undefined) remembered = [last];
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

/** Each reading is answered, each opening comes to nothing: nobody may be invited to such a door. */
describe('a lock that answers readings and takes no opening is an error after three', () => {
  async function afterOpenings(harness: BoardHarness): Promise<string[]> {
    const states: string[] = [];
    for (let i = 0; i < 3; i++) {
      await harness.outcome(harness.supervisor.unlock());
      states.push(harness.health('lock'));
      await harness.clock.advance(sameOpeningMs);
    }
    return [...states, harness.supervisor.health()[0]?.fault ?? ''];
  }

  it('WKLY: its output is dead, it says no to each', async () => {
    const harness = new BoardHarness('lock-wkly');
    await harness.up([boardSpec('lock-wkly')]);
    const { wire } = harness.fake;
    const { openReply } = wire;
    Object.assign(wire, {
      openReply: () => encodeWklyDeviceMessage({ type: 'failed', command: 'openOne', address: 1 }),
    });
    const seen = await afterOpenings(harness);
    Object.assign(wire, { openReply });
    expect(seen).toEqual(['ready', 'ready', 'error', 'fault.bolt']);
  });

  it('8A: it hears readings alone', async () => {
    const harness = new BoardHarness('lock-8a');
    await harness.up([boardSpec('lock-8a')]);
    harness.fake.isDeafToOpens = true;
    expect(await afterOpenings(harness)).toEqual(['ready', 'ready', 'error', 'fault.bolt']);
  });

  it('one opening that it took, and nobody saw: its contact is in doubt as well, whenever that was', async () => {
    for (const takenAt of [0, 1, 2, 3]) {
      const harness = new BoardHarness('lock-8a');
      await harness.up([boardSpec('lock-8a')]);
      for (let i = 0; i < 4; i++) {
        harness.fake.isDeafToOpens = i !== takenAt;
        await harness.outcome(harness.supervisor.unlock());
        await harness.clock.advance(sameOpeningMs);
      }
      expect(harness.supervisor.health()[0]).toMatchObject({ state: 'error', fault: 'fault.contact' });
    }
  });

  it('nor is it the bolt alone where the same shopper asked again, and it took that', async () => {
    const harness = new BoardHarness('lock-8a');
    await harness.up([boardSpec('lock-8a')]);
    for (let i = 0; i < 3; i++) {
      harness.fake.isDeafToOpens = true;
      await harness.outcome(harness.supervisor.unlock());
      harness.fake.isDeafToOpens = false;
      if (i === 2) await harness.outcome(harness.supervisor.unlock());
      await harness.clock.advance(sameOpeningMs);
    }
    expect(harness.supervisor.health()[0]).toMatchObject({ state: 'error', fault: 'fault.contact' });
  });

  it('and is so after a restart as well', async () => {
    const before = new BoardHarness('lock-8a');
    await before.up([boardSpec('lock-8a')]);
    before.fake.isDeafToOpens = true;
    await afterOpenings(before);
    const harness = new BoardHarness('lock-8a');
    const config = { simulated: true, devices: [boardSpec('lock-8a')] };
    await harness.supervisor.configure(config, before.of('openings').slice(-1));
    await harness.clock.advance(200);
    expect(harness.supervisor.health()[0]).toMatchObject({ state: 'error', fault: 'fault.bolt' });
    await harness.clock.advance(restFirstMs);
    expect(harness.supervisor.health()[0]).toMatchObject({
      state: 'ready',
      fault: 'fault.bolt',
      detail: expect.stringContaining('is tried again') as string,
    });
    // It has been mended: nothing of that is left.
    harness.fake.move(0);
    await harness.clock.advance(2000);
    expect(harness.supervisor.health()[0]).toMatchObject({ state: 'ready', detail: '' });
    expect(harness.of('openings').at(-1)).toMatchObject({ unseen: 0, isFailed: false });
  });
});
