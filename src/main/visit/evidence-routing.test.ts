import { afterEach, expect, it } from 'vitest';
import type { Estimate } from '../../core/recognition/inventory.ts';
import type { Observation } from '../../core/recognition/inventory-estimator.ts';
import { TagInventoryEstimator } from '../../core/recognition/tag-inventory-estimator.ts';
import { CabinetRig } from '../../testkit/main/visit/cabinet-rig.ts';
import type { DeviceEvent } from '../devices/device-host.ts';

/** Tags and a scale together: a lane that weighs nothing any more has lost one cola, whatever the tags say. */
class EmptyLaneEstimator extends TagInventoryEstimator {
  readonly seen: Observation[] = [];
  #isLaneEmpty = false;

  override observe(observation: Observation): boolean {
    this.seen.push(observation);
    if (observation.kind !== 'weight') return super.observe(observation);
    this.#isLaneEmpty = observation.isStable && observation.milligrams === 0;
    return true;
  }

  override estimate(): Estimate {
    const byTags = super.estimate();
    if (!this.#isLaneEmpty) return byTags;
    return { ...byTags, taken: [{ sku: 'COLA', quantity: 1, confidence: 0.9, sources: ['weight'] }] };
  }
}

const weight = (milligrams: number): DeviceEvent => ({
  ...{ type: 'weight', lane: 3, milligrams, stable: true, state: 'ok', atMs: 7 },
});
const speed = { count: 4, readsPerSecond: 100, p: 1 };

let rig: CabinetRig;
afterEach(() => {
  rig.remove();
});

it('another estimator hears the scale, and its lines are what the shopper sees', async () => {
  let estimator: EmptyLaneEstimator | null = null;
  rig = new CabinetRig({
    ...speed,
    makeEstimator: (catalog) => (estimator = new EmptyLaneEstimator(catalog)),
  });
  await rig.begin();
  rig.loop.deviceEvent(weight(350_000));
  expect(rig.loop.visit.context.basket.totalMinor).toBe(0);
  // No tag has been reported since: the weight alone is news.
  rig.loop.deviceEvent(weight(0));
  expect(rig.loop.visit.context.basket.totalMinor).toBe(100);
  const atMs = rig.clock.monotonicMs();
  expect(estimator!.seen.at(-1)).toEqual({
    ...{ kind: 'weight', deviceId: 'lane-3', atMs, lane: 3, milligrams: 0, isStable: true, state: 'ok' },
  });
});

it('each kind of report reaches it, and how every sensor is; a shown code never does', async () => {
  const seen: Observation[] = [];
  rig = new CabinetRig({
    ...speed,
    makeEstimator: (catalog) => {
      const estimator = new EmptyLaneEstimator(catalog);
      return Object.assign(estimator, { seen });
    },
  });
  await rig.begin();
  rig.loop.deviceEvent(weight(1));
  rig.loop.deviceEvent({ type: 'code', text: 'KM1.x', symbology: ']Q1', atMs: 1 });
  expect(new Set(seen.map(({ kind }) => kind))).toEqual(new Set(['door', 'sensors', 'tags', 'weight']));
  expect(seen.find(({ kind }) => kind === 'sensors')).toMatchObject({
    sensors: [
      { deviceId: 'lock', kind: 'lock', isReady: true },
      { deviceId: 'tag-reader', kind: 'tag-reader', isReady: true },
    ],
  });
  rig.loop.deviceEvent({ type: 'hostGone' });
  expect(seen.slice(-2)).toMatchObject([
    { kind: 'door', door: 'unknown' },
    { kind: 'sensors', sensors: [] },
  ]);
});

it('the estimator by tags makes nothing of a weight: no event comes of it', async () => {
  rig = new CabinetRig(speed);
  await rig.begin();
  const before = rig.loop.visit;
  rig.loop.deviceEvent(weight(0));
  expect(rig.loop.visit).toBe(before);
});
