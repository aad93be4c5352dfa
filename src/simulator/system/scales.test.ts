import { describe, expect, test } from 'vitest';
import type { Observation } from '../../core/recognition/inventory-estimator.ts';
import { TagInventoryEstimator } from '../../core/recognition/tag-inventory-estimator.ts';
import { Supervisor } from '../../devices/supervisor.ts';
import { makeTransport } from '../../devices/transport/make-transport.ts';
import { systemClock } from '../../shared/clock.ts';
import type { HostMessage } from '../../shared/model/host-messages.ts';
import { scaleProtocols } from '../cabinet-scale.ts';
import { loadSampleCatalog } from '../catalog.ts';
import { startSimulator } from '../server.ts';
import { until } from '../../testkit/until.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { startOperatorForFile } from './operator-suite.ts';

/** A cabinet with a scale: the scale says what lies in it, and nothing that it does reaches a bill. */

const testTimeoutMs = 60_000;

const { operator } = await startOperatorForFile();

const catalog = loadSampleCatalog();
const colaMg = (catalog.products.find((p) => p.sku === 'cola-can')?.weightG ?? 0) * 1000;

describe.each(scaleProtocols)('%s', (scale) => {
  test('over the wire: the weight follows the goods, zero makes it nothing', async () => {
    const simulator = await startSimulator({ devices: { scale } });
    const told: HostMessage[] = [];
    const supervisor = new Supervisor({
      clock: systemClock,
      makeTransport: (spec) => makeTransport(spec, systemClock),
      log: () => undefined,
      emit: (message) => told.push(message),
    });
    try {
      await supervisor.configure(simulator.devices);
      const { world } = simulator;
      const lane = scale === 'scale-hid' ? 1 : (world.inside.find((i) => i.sku === 'cola-can')?.shelf ?? 0);
      const weight = (): number | null | undefined => {
        const last = told.findLast((m) => m.type === 'weight' && m.lane === lane && m.stable);
        return last?.type === 'weight' ? last.milligrams : undefined;
      };
      const allMg = world.gramsInside(scale === 'scale-hid' ? undefined : lane) * 1000;
      await until('the weight of the goods', () => weight() === allMg);
      world.force();
      expect(world.take({ sku: 'cola-can' }).ok).toBe(true);
      await until('a can less', () => weight() === allMg - colaMg);
      expect(await supervisor.zeroScale(lane)).toEqual({ ok: true, value: undefined });
      await until('nothing', () => weight() === 0);
      expect(world.putBack({ sku: 'cola-can' }).ok).toBe(true);
      await until('a can', () => weight() === colaMg);
      expect(supervisor.health().find((one) => one.kind === 'scale')).toMatchObject({
        state: 'ready',
        detail: '',
      });
    } finally {
      await supervisor.stop();
      await simulator.close();
    }
  });

  test('an estimator that is composed in its place hears the scale', { timeout: testTimeoutMs }, async () => {
    const weights = new Map<number, number | null>();
    class Weighing extends TagInventoryEstimator {
      override observe(observation: Observation): boolean {
        if (observation.kind === 'weight') weights.set(observation.lane, observation.milligrams);
        return super.observe(observation);
      }
    }
    const harness = await CabinetHarness.open(operator, {
      simulator: { devices: { scale } },
      makeEstimator: (of) => new Weighing(of),
    });
    try {
      const insideMg = (): number => harness.world.gramsInside() * 1000;
      const weighedMg = (): number => [...weights.values()].reduce<number>((sum, mg) => sum + (mg ?? 0), 0);
      await harness.until('the weight of all goods', () => weighedMg() === insideMg());
      await harness.enter();
      harness.shopper.take('cola-can');
      await harness.until('a can less', () => weighedMg() === insideMg());
      await harness.waitBasket(harness.priceOf('cola-can'));
      await harness.confirmAndLeave();
    } finally {
      await harness.close();
    }
  });

  test(
    'a visit, with the scale flooding and unplugged meanwhile: one bill, by tags',
    { timeout: testTimeoutMs },
    async () => {
      const harness = await CabinetHarness.open(operator, { simulator: { devices: { scale } } });
      try {
        await harness.until(
          'the kiosk holds the scale',
          () => harness.devices.view('scale')?.attached === true,
        );
        await harness.enter();
        harness.fault('scale', 'flood');
        harness.shopper.take('cola-can');
        await harness.waitBasket(harness.priceOf('cola-can'));
        harness.fault('scale', 'none');
        harness.unplug('scale');
        await harness.confirmAndLeave();
        await harness.waitSettled();
        harness.plug('scale');
        await harness.until(
          'the kiosk holds it again',
          () => harness.devices.view('scale')?.attached === true,
        );
        expect(harness.outOfService).toBeNull();
        expect(await harness.audit()).toEqual([]);
        expect(await harness.charges()).toMatchObject([
          { state: 'paid', totalMinor: harness.priceOf('cola-can'), debitCount: 1 },
        ]);
      } finally {
        await harness.close();
      }
    },
  );
});
