import type { DeviceSpec } from '../../shared/model/device.ts';
import type { HostMessage } from '../../shared/model/host-messages.ts';
import { DeviceHarness } from './device-harness.ts';
import { FakeHidScale, FakeTransmitters, hidScaleSpec, modbusScaleSpec } from './fake-scales.ts';

/** For tests: a harness with one scale at the other end. */
export interface ScaleBench<Fake = FakeHidScale | FakeTransmitters> {
  readonly harness: DeviceHarness;
  readonly fake: Fake;
}

/** Time in which a scale connects and says its first weights, ms. */
const settleMs = 300;

export function makeHidScale(): ScaleBench<FakeHidScale> {
  const harness = new DeviceHarness();
  return attached({ harness, fake: new FakeHidScale(harness.clock) });
}

export function makeTransmitters(): ScaleBench<FakeTransmitters> {
  const harness = new DeviceHarness();
  return attached({ harness, fake: new FakeTransmitters(harness.clock) });
}

export async function hid(change: (fake: FakeHidScale) => void = () => undefined) {
  return up(makeHidScale(), change, hidScaleSpec);
}

export async function bus(
  change: (fake: FakeTransmitters) => void = () => undefined,
  spec: DeviceSpec = modbusScaleSpec,
) {
  return up(makeTransmitters(), change, spec);
}

export function lastWeight(
  harness: DeviceHarness,
  lane = 1,
): Extract<HostMessage, { type: 'weight' }> | undefined {
  return harness.of('weight').findLast((one) => one.lane === lane);
}

function attached<Fake extends FakeHidScale | FakeTransmitters>(bench: ScaleBench<Fake>): ScaleBench<Fake> {
  bench.harness.players.scale = (transport) => {
    bench.fake.attach(transport);
  };
  return bench;
}

async function up<Fake>(bench: ScaleBench<Fake>, change: (fake: Fake) => void, spec: DeviceSpec) {
  change(bench.fake);
  await bench.harness.up([spec]);
  await bench.harness.clock.advance(settleMs);
  return bench;
}
