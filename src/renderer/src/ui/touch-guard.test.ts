import { describe, expect, it } from 'vitest';
import { type Touch, TouchGuard, deafMs, doubleStrikeMs } from './touch-guard.ts';

const touch = (over: Partial<Touch> = {}): Touch => ({
  id: 1,
  target: 'action-choose-face',
  atMs: 10_000,
  contactShare: 0.02,
  ...over,
});
/** Down and up again; whether it acts. */
function tap(guard: TouchGuard, over: Partial<Touch>): boolean {
  const finger = touch(over);
  guard.down(finger);
  const acts = !guard.isRefused(finger.id);
  guard.up(finger.id, finger.atMs + 60);
  return acts;
}

describe('a screen that has changed', () => {
  it.each([0, 120, 300, deafMs - 1])('%d ms ago: the second tap of a double tap does nothing', (ms) => {
    const guard = new TouchGuard();
    expect(tap(guard, {})).toBe(true);
    guard.screenChanged(10_100);
    expect(tap(guard, { target: 'action-start-face', atMs: 10_100 + ms })).toBe(false);
    expect(tap(guard, { target: 'action-start-face', atMs: 10_100 + deafMs })).toBe(true);
  });
  it('a touch from before it changed that is delivered late does nothing', () => {
    const guard = new TouchGuard();
    guard.screenChanged(10_000);
    expect(tap(guard, { atMs: 9_990 })).toBe(false);
  });
  it('a finger that lies on it does nothing, and nothing acts before it was lifted for the whole time', () => {
    const guard = new TouchGuard();
    guard.down(touch());
    expect(guard.screenChanged(10_100)).toEqual([1]);
    expect(guard.isRefused(1)).toBe(true);
    expect(tap(guard, { id: 2, target: 'other', atMs: 13_000 })).toBe(false);
    guard.up(1, 14_000);
    expect(guard.isRefused(1)).toBe(true);
    expect(tap(guard, { id: 3, target: 'other', atMs: 14_000 + deafMs - 1 })).toBe(false);
    expect(tap(guard, { id: 3, target: 'other', atMs: 14_000 + deafMs })).toBe(true);
  });
  it('a finger that is lifted in time does not lengthen the wait', () => {
    const guard = new TouchGuard();
    expect(tap(guard, {})).toBe(true);
    guard.screenChanged(10_200);
    expect(tap(guard, { target: 'other', atMs: 10_200 + deafMs })).toBe(true);
  });
});

it('fingers that were refused are not kept for months: the glass gives each touch a number of its own', () => {
  const guard = new TouchGuard();
  guard.down(touch({ id: 1, contactShare: 0.5 }));
  const refused = Array.from({ length: 5_000 }, (_, i) => {
    const palm = touch({ id: i + 2, atMs: 10_000 + i * 10, contactShare: 0.5 });
    guard.down(palm);
    expect(guard.isRefused(palm.id)).toBe(true);
    guard.up(palm.id, palm.atMs + 5);
    return palm.id;
  });
  expect(refused.filter((id) => guard.isRefused(id)).length).toBeLessThan(100);
  expect(refused.slice(-10).every((id) => guard.isRefused(id))).toBe(true);
});

describe('the same button', () => {
  it('twice within half a second acts once; another button acts at once', () => {
    const guard = new TouchGuard();
    expect(tap(guard, { target: 'key-1' })).toBe(true);
    expect(tap(guard, { target: 'key-1', atMs: 10_000 + doubleStrikeMs - 1 })).toBe(false);
    expect(tap(guard, { target: 'key-2', atMs: 10_000 + doubleStrikeMs })).toBe(true);
    expect(tap(guard, { target: 'key-1', atMs: 10_000 + doubleStrikeMs + 80 })).toBe(true);
  });
  it('a hand that goes on trembling does not lock itself out for ever', () => {
    const guard = new TouchGuard();
    const acted = [0, 200, 400, 600].filter((ms) => tap(guard, { atMs: 10_000 + ms }));
    expect(acted).toEqual([0, 600]);
  });
});

describe('what is no finger tip', () => {
  it('two fingers: neither acts, whichever is lifted first', () => {
    const guard = new TouchGuard();
    expect(guard.down(touch())).toEqual([]);
    expect(guard.down(touch({ id: 2, target: 'other', atMs: 10_050 }))).toEqual([1, 2]);
    expect([guard.isRefused(1), guard.isRefused(2)]).toEqual([true, true]);
    guard.up(1, 10_080);
    expect(guard.isRefused(2)).toBe(true);
    guard.up(2, 10_090);
    expect(tap(guard, { target: 'third', atMs: 10_200 })).toBe(true);
  });
  it('a palm does nothing; a broad thumb on a small screen acts', () => {
    const guard = new TouchGuard();
    expect(tap(guard, { contactShare: 0.3 })).toBe(false);
    expect(tap(guard, { contactShare: 0.12, target: 'other' })).toBe(true);
  });
  it('a finger that the browser took away leaves nothing behind', () => {
    const guard = new TouchGuard();
    guard.down(touch());
    guard.up(1, 10_100);
    expect(tap(guard, { id: 2, target: 'other', atMs: 10_200 })).toBe(true);
  });
});
