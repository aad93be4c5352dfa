import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeviceSpec } from '../../shared/model/device.ts';
import { scaleRegisterMapDefault } from '../../shared/model/scale.ts';
import { boardNames, boardSpec } from '../../testkit/devices/fake-lock.ts';
import { sw5357Spec, uhf18Spec } from '../../testkit/devices/fake-round-reader.ts';
import { hidScaleSpec, modbusScaleSpec } from '../../testkit/devices/fake-scales.ts';
import { DeviceHarness, readerSpec } from '../../testkit/devices/device-harness.ts';

/**
 * Nobody is there: all that comes is what was sent, byte for byte, however late and however cut, with what the line adds as
 * it turns round. No driver may take that for an answer, whatever its requests and answers look like.
 */
const specs: readonly (readonly [string, DeviceSpec])[] = [
  ...boardNames.map((name) => [name, boardSpec(name)] as const),
  ['rfid-r200', readerSpec],
  ['rfid-uhfreader18, old form', { ...uhf18Spec, form: 'old' }],
  ['rfid-uhfreader18, new form', { ...uhf18Spec, form: 'new' }],
  ['rfid-uhfreader18, any address', { ...uhf18Spec, form: 'old', address: 255 }],
  ['rfid-sw5357', sw5357Spec],
  ['scale-hid', hidScaleSpec],
  ['scale-modbus', modbusScaleSpec],
  [
    'scale-modbus, zero by function 6',
    {
      ...modbusScaleSpec,
      registers: {
        ...scaleRegisterMapDefault,
        zero: { function: 6, register: 38, words: 1, value: 0 },
      },
    } as DeviceSpec,
  ],
];

describe.each(specs)('%s', (_name, spec) => {
  it('an echo is never an answer', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 200 }),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        fc.array(fc.constantFrom<number | 'head'>('head', 0x00, 0xff), { maxLength: 2 }),
        async (delayMs, pieceBytes, isActive, noise) => {
          const harness = new DeviceHarness();
          harness.players[spec.kind] = (transport) => {
            transport.onHostBytes((frame) => {
              const before = noise.map((one) => (one === 'head' ? (frame[0] ?? 0) : one));
              const bytes = Uint8Array.of(...before, ...frame);
              for (let at = 0; at < bytes.length; at += pieceBytes) {
                const piece = bytes.slice(at, at + pieceBytes);
                harness.clock.after(delayMs + at / 10, () => {
                  transport.send(piece);
                });
              }
            });
          };
          const calls: string[] = [];
          await harness.up([spec]);
          harness.supervisor.setPollMode(isActive ? 'active' : 'idle');
          if (spec.kind === 'lock') {
            void harness.supervisor.unlock().then((result) => calls.push(result.ok ? 'opened' : 'failed'));
          }
          if (spec.kind === 'scale' && spec.protocol === 'scale-modbus') {
            void harness.supervisor
              .zeroScale(1)
              .then((result) => calls.push(result.ok ? 'zeroed' : 'failed'));
          }
          for (let i = 0; i < 80; i++) await harness.clock.advance(100);
          expect(calls).not.toContain('opened');
          expect(calls).not.toContain('zeroed');
          const states = harness.of('health').flatMap(({ devices }) => devices.map(({ state }) => state));
          expect(states).not.toContain('ready');
          expect(harness.of('door').filter(({ door }) => door !== 'unknown')).toEqual([]);
          expect(harness.of('tags').flatMap(({ reads }) => reads)).toEqual([]);
          expect(harness.of('weight').filter(({ milligrams }) => milligrams !== null)).toEqual([]);
        },
      ),
      { numRuns: 15, seed: 7 },
    );
  });
});
