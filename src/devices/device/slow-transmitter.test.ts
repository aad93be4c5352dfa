import { expect, it } from 'vitest';
import { scaleRegisterMapDefault } from '../../shared/model/scale.ts';
import { modbusScaleSpec } from '../../testkit/devices/fake-scales.ts';
import { bus } from '../../testkit/devices/scale-bench.ts';

/** Transmitters that answer late: an answer does not say what was read, and must not pass for that to the next question. */

/** Weight and status are one register each, so that their answers have the same form. */
const alike = {
  ...modbusScaleSpec,
  registers: { ...scaleRegisterMapDefault, weight: { ...scaleRegisterMapDefault.weight, words: 1 } },
} as typeof modbusScaleSpec;

it.each([
  ['two registers and one', modbusScaleSpec, false],
  ['two registers and one, and commands meanwhile', modbusScaleSpec, true],
  ['one register each', alike, false],
  ['one register each, and commands meanwhile', alike, true],
] as const)(
  'weight and status, %s: late as it comes, no weight is told that was never there',
  async (_name, spec, isCommanded) => {
    const { harness, fake } = await bus((one) => {
      one.put(1, 250);
      one.unstable = true;
    }, spec);
    let seed = 1;
    for (let i = 0; i < 2_000; i++) {
      seed = (seed * 48_271) % 2_147_483_647;
      fake.delayMs = seed % 1_000;
      if (isCommanded && seed % 7 === 0) void harness.supervisor.zeroScale(1);
      await harness.clock.advance(60);
    }
    const told = harness.of('weight').flatMap(({ milligrams }) => (milligrams === null ? [] : [milligrams]));
    expect(told.filter((milligrams) => !fake.seen.has(milligrams))).toEqual([]);
  },
);
