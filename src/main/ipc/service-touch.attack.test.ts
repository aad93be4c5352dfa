import { beforeEach, describe, expect, test, vi } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { type IpcResult, ipcTable } from '../../shared/ipc/table.schema.ts';
import { SeenTouch, staffTouchMs } from '../window/seen-touch.ts';

/** A page that was taken over, in the session of somebody of the staff who has gone for a box. */

vi.mock('electron', () => ({}));
const { kioskHandlers } = await import('./kiosk-handlers.ts');

/** These do nothing that could harm: they look, leave, or have a rule of their own. */
const withoutTouch = ['getView', 'close', 'leave', 'knock', 'touch'];
const acts = Object.keys(ipcTable.service.calls).filter((name) => !withoutTouch.includes(name));
let clock: FakeClock;
let touch: SeenTouch;
let called: string[];

beforeEach(() => {
  clock = new FakeClock();
  touch = new SeenTouch(clock);
  called = [];
});

function call(name: string): IpcResult<null> {
  const service = new Proxy({}, { get: (_, act: string) => () => (called.push(act), { ok: true }) });
  const screens = {
    takePageTouch: (withinMs?: number) => touch.take(withinMs),
    isPageTouched: () => touch.isFresh(),
  };
  const handlers = kioskHandlers({ service } as never, screens as never) as never as Record<
    string,
    (input: object) => IpcResult<null>
  >;
  return handlers[`service.${name}`]?.({ sessionId: 'of theirs' }) as IpcResult<null>;
}

describe('a page in the session of somebody who has gone', () => {
  test.each(acts)('%s without a touch that main has seen: nothing', (name) => {
    expect(call(name)).toMatchObject({ error: { code: 'forbidden' } });
    expect(called).toEqual([]);
  });

  test.each(acts)('%s: one touch is good for one, and not for long', async (name) => {
    touch.seen();
    expect(call(name)).toEqual({ ok: true });
    expect(call(name)).toMatchObject({ error: { code: 'forbidden' } });
    touch.seen();
    await clock.advance(staffTouchMs + 1);
    expect(call(name)).toMatchObject({ error: { code: 'forbidden' } });
    expect(called).toHaveLength(1);
  });

  test('keeps the session open by touches that nobody has made: it ends as it would have', async () => {
    expect(call('touch')).toMatchObject({ error: { code: 'forbidden' } });
    touch.seen();
    // The same touch tells that somebody is there, and begins what it was made for.
    expect(call('touch')).toEqual({ ok: true });
    expect(call('openDoor')).toEqual({ ok: true });
    await clock.advance(1);
    expect(call('touch')).toMatchObject({ error: { code: 'forbidden' } });
    expect(called).toEqual(['touch', 'openDoor']);
  });
});
