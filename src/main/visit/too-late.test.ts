import { afterEach, expect, it, vi } from 'vitest';
import { CabinetRig } from '../../testkit/main/visit/cabinet-rig.ts';
import { VisitEffects } from './visit-effects.ts';

/**
 * The machine stands still (a write that is no step of a visit), and what would move the bolt waits in a channel meanwhile:
 * it moves none for whoever stands there by then.
 */
let rig: CabinetRig;
afterEach(() => {
  vi.restoreAllMocks();
  rig.remove();
});

const code = `KM1.M-1.${(1_900_000_000).toString(36)}.${'n'.repeat(12)}.${'s'.repeat(86)}`;

function deliverReads(fromMs: number, toMs: number): void {
  for (let atMs = fromMs + 50; atMs <= toMs; atMs += 50) {
    const heard = [...rig.inside].filter(() => rig.random() < 0.8);
    rig.loop.deviceEvent({ type: 'tags', reads: heard.map((epc) => ({ epc, rssiDbm: null, atMs })), atMs });
  }
}

function countReleases(): () => number {
  let releases = 0;
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const perform = VisitEffects.prototype.perform;
  vi.spyOn(VisitEffects.prototype, 'perform').mockImplementation(function (this: VisitEffects, effect) {
    if (effect.type === 'unlock') releases++;
    perform.call(this, effect);
  });
  return () => releases;
}

it.each([
  // Held up, timers first.
  [1_000, true, 1],
  [20_000, false, 0],
  [20_000, true, 0],
  [600_000, true, 0],
])(
  'a touch of "unlock once more", and %i ms later main hears it, timers first %s',
  async (ms, timersFirst, moves) => {
    rig = new CabinetRig({ count: 12, readsPerSecond: 200, p: 0.95 });
    const releases = countReleases();
    await rig.letIn();
    expect(releases()).toBe(1);
    await rig.run(8_000);
    expect(rig.loop.visit.state).toBe('unlocking');
    // The member touches "unlock once more"; a write that is no step of the visit blocks; they go away.
    rig.clock.skip(ms);
    if (timersFirst) await rig.clock.advance(0);
    const answer = rig.loop.dispatch({ type: 'unlockAgain' });
    await rig.run(1_000);
    expect({
      ms,
      answer: answer ?? 'done',
      again: releases() - 1,
      state: rig.loop.visit.state,
    }).toMatchObject({ again: moves });
  },
);

it.each([
  // Held up, in which state, how often the bolt moves.
  [1_000, 'attract', 1],
  [3_000, 'attract', 1],
  [10_000, 'attract', 0],
  [20_000, 'attract', 0],
  [50_000, 'attract', 0],
  [20_000, 'identifyingByCode', 0],
  [50_000, 'identifyingByCode', 0],
] as const)('a member shows a code, and %i ms later main hears it, in %s', async (ms, state, moves) => {
  rig = new CabinetRig({ count: 12, readsPerSecond: 200, p: 0.95 });
  const releases = countReleases();
  rig.start();
  await rig.run(60_000);
  if (state !== 'attract') rig.loop.dispatch({ type: 'chooseCode' });
  expect(rig.loop.visit.state).toBe(state);
  const fromMs = rig.clock.monotonicMs();
  rig.clock.skip(ms);
  await rig.clock.advance(0);
  // What the host has said meanwhile: the code after half a second.
  deliverReads(fromMs, fromMs + 500);
  rig.loop.deviceEvent({ type: 'code', text: code, symbology: '', atMs: fromMs });
  deliverReads(fromMs + 500, fromMs + ms);
  const states: string[] = [rig.loop.visit.state];
  rig.loop.onVisitChanged((visit) => states.push(visit.state));
  await rig.run(8_000, () => releases() > 0);
  expect({ ms, releases: releases(), states }).toMatchObject({ releases: moves });
});

it('after so long that nobody was watched, "unlock once more" is not offered any more', async () => {
  rig = new CabinetRig({ count: 12, readsPerSecond: 200, p: 0.95 });
  const releases = countReleases();
  await rig.letIn();
  await rig.run(8_000);
  rig.clock.skip(600_000);
  await rig.clock.advance(0);
  rig.loop.deviceEvent({ type: 'tags', reads: [], atMs: rig.clock.monotonicMs() });
  await rig.run(2_000);
  expect(rig.loop.dispatch({ type: 'unlockAgain' })).toBe('unanswered');
  expect(releases()).toBe(1);
});
