import { describe, expect, it } from 'vitest';
import type { DoorState } from '../../shared/model/device.ts';
import { DoorWatch } from './door-watch.ts';
import { type Mark, startMark } from './presence.ts';

type Reading = readonly [DoorState, number | undefined];
const closed: Reading = ['closed', 100];
const open: Reading = ['open', 100];
const lost: Reading = ['unknown', 2_500];
const hostGone: Reading = ['unknown', undefined];
/** After the device host, or the board, has begun anew. */
const closedAnew: Reading = ['closed', undefined];
const openAnew: Reading = ['open', undefined];

function makeWatch(): DoorWatch {
  let count = 0;
  const watch = new DoorWatch((): Mark => ({ ...startMark, reportCount: ++count }));
  watch.observe(...closedAnew);
  watch.startVisit();
  return watch;
}

describe('whether the door was opened since the baseline', () => {
  it.each<[string, Reading[], boolean, boolean]>([
    ['read as shut all the time', [closed, closed], true, true],
    ['opened', [open], false, false],
    ['opened, and shut again', [open, closed], false, false],
    ['lost', [lost], false, true],
    ['lost, and shut again', [lost, closedAnew], false, true],
    ['lost, then open', [lost, openAnew], false, false],
    ['the host gone', [hostGone], false, true],
    ['the host gone, then shut', [hostGone, closedAnew], false, true],
    ['the host gone, then open', [hostGone, openAnew], false, false],
    ['opened, then the host gone', [open, hostGone, closedAnew], false, false],
  ])('%s', (_, readings, isShutThroughout, mayBeUnopened) => {
    const watch = makeWatch();
    for (const reading of readings) watch.observe(...reading);
    expect(watch).toMatchObject({ isShutThroughout, mayBeUnopened });
  });
});

describe('a break', () => {
  it.each<[string, Reading[], Reading, boolean]>([
    ['the host gone', [], hostGone, true],
    ['the host gone again, before the door is read', [hostGone], hostGone, true],
    ['the host gone after the lock was lost', [lost], hostGone, true],
    ['open, and nobody knows since when', [], openAnew, true],
    ['the lock lost', [], lost, false],
    ['the lock heard again', [lost], closedAnew, false],
    ['open after the lock was lost', [lost], openAnew, false],
    ['the host gone once the door was open', [open], hostGone, false],
  ])('%s', (_, before, reading, isBreak) => {
    const watch = makeWatch();
    for (const one of before) watch.observe(...one);
    expect(watch.observe(...reading).isBreak).toBe(isBreak);
  });
});

describe('until when it was read as shut', () => {
  it('is said once it is not any more, with what counts as heard behind it', () => {
    const watch = makeWatch();
    expect(watch.observe(...closed).shutUntil).toBe(null);
    expect(watch.observe(...open).shutUntil).toEqual({ since: watch.openedMark, agoMs: 100 });
  });

  it('counts from the moment the lock was heard again', () => {
    const watch = makeWatch();
    expect(watch.observe(...lost).shutUntil).toEqual({ since: startMark, agoMs: 2_500 });
    watch.observe(...closedAnew);
    expect(watch.observe(...open).shutUntil?.since).not.toBe(startMark);
  });

  it('is not said of a break, nor of a door that was open', () => {
    const watch = makeWatch();
    expect(watch.observe(...hostGone).shutUntil).toBe(null);
    watch.observe(...closedAnew);
    watch.observe(...open);
    watch.observe(...closed);
    expect(watch.observe(...open).shutUntil).toBe(null);
  });
});

it('a visit that goes on after a restart was not read as shut throughout', () => {
  const watch = makeWatch();
  watch.resumeVisit(true);
  expect(watch).toMatchObject({ isShutThroughout: false, mayBeUnopened: true });
  watch.resumeVisit(false);
  expect(watch.mayBeUnopened).toBe(false);
});
