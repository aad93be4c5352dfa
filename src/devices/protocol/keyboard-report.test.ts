import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeKeyReport, readKeyboardDescriptor } from './keyboard-report.ts';

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });

it('no bytes, as descriptor or as report, are more than refused', () => {
  fc.assert(
    fc.property(bytes(64), bytes(16), (descriptor, report) => {
      const shape = readKeyboardDescriptor(Uint8Array.of(0x05, 0x07, 0x19, 0xe0, ...descriptor));
      if (shape === null) return;
      const read = decodeKeyReport(report, shape);
      if (read !== null && read !== 'other') expect(read.modifiers).toBeLessThanOrEqual(0xff);
    }),
    { numRuns: 1000 },
  );
});

it.each([
  ['an empty one', []],
  ['a cut one', [0x05, 0x07, 0x19]],
  ['a mouse', [0x05, 0x09, 0x19, 1, 0x29, 3, 0x75, 1, 0x95, 3, 0x81, 2]],
])('%s is no keyboard’s descriptor', (_what, descriptor) => {
  expect(readKeyboardDescriptor(Uint8Array.from(descriptor))).toBeNull();
});
