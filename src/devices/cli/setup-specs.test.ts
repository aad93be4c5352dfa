import { expect, it } from 'vitest';
import type { DeviceKind } from '../../shared/model/device.ts';
import { factoryBaudRates } from '../../shared/model/baud-rates.ts';
import type { Finding } from '../inventory/inventory.ts';
import type { SetupStep } from './setup-specs.ts';
import { buildSpec, sensorStep, setupSteps } from './setup-specs.ts';

const port: Finding = {
  ...{ ids: '', portPath: null, what: '', role: 'serial', product: null, serialNumber: null, nodes: [] },
  ...{ drivers: [], problems: [], match: { vendorId: 0x1a86, productId: 0x7523 } },
};
const stepOf = (kind: DeviceKind): SetupStep =>
  [...setupSteps, sensorStep].find((step) => step.kind === kind) ?? sensorStep;

/** The profile's entry of somebody who names the protocol and takes every proposal. */
async function proposed(kind: DeviceKind, protocol: string) {
  const spec = await buildSpec(stepOf(kind), port, (question, proposal) =>
    Promise.resolve(question.startsWith('Protocol') ? protocol : proposal),
  );
  if (!spec.ok) throw new Error(spec.error.message);
  return spec.value;
}

it.each([
  ['lock', 'lock-8a', 9600],
  ['lock', 'lock-wkly', 9600],
  ['lock', 'lock-kerong-cu16', 19_200],
  ['door-sensor', 'lock-8a', 9600],
  ['door-sensor', 'lock-wkly', 9600],
  ['door-sensor', 'lock-kerong-cu16', 19_200],
  ['code-scanner', 'scanner-serial', 9600],
  ['tag-reader', 'rfid-r200', 115_200],
  ['tag-reader', 'rfid-uhfreader18', 57_600],
  ['tag-reader', 'rfid-sw5357', 115_200],
  ['scale', 'scale-modbus', 9600],
] as const)('%s on %s: the rate of docs/hardware.md is proposed', async (kind, protocol, baudRate) => {
  const spec = await proposed(kind, protocol);
  expect(spec).toMatchObject({ kind, protocol, transport: { kind: 'serial', baudRate } });
});

it('each protocol on a line that the set-up can write has a rate', async () => {
  const offered: string[] = [];
  for (const step of [...setupSteps, sensorStep]) {
    await buildSpec(step, port, (question, proposal) => {
      if (question.startsWith('Protocol')) offered.push(.../\((.*)\)/.exec(question)![1]!.split(', '));
      return Promise.resolve(proposal);
    });
  }
  expect(offered.length).toBeGreaterThan(6);
  expect(Object.keys(factoryBaudRates)).toEqual(expect.arrayContaining(offered));
});
