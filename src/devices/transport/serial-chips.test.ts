import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import vectors from './vectors/usb-serial.json' with { type: 'json' };
import { cdcLineCoding, ch34xModem, linePayload, lineRequests } from './serial-chips.ts';
import type { ControlRequest, LineSettings, SerialChip } from './serial-chips.ts';

const line = (baudRate: number, parity: LineSettings['parity'] = 'none'): LineSettings => ({
  baudRate,
  parity,
  dataBits: 8,
  stopBits: 1,
});

/** The 8 bytes of a setup packet (USB 2.0, 9.3), as the golden frames have them: wLength is 0 in all of them. */
function setupHex({ setup: [type, request, value, index] }: ControlRequest): string {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt8(type, 0);
  bytes.writeUInt8(request, 1);
  bytes.writeUInt16LE(value, 2);
  bytes.writeUInt16LE(index, 4);
  return bytes.toString('hex').toUpperCase();
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();
const request = (chip: SerialChip, settings: LineSettings, nth: number): string =>
  setupHex(lineRequests(chip, settings, 0)[nth]!);

/** How each golden frame comes about here. A vector without an entry fails the test below. */
const made: Record<string, () => string> = {
  cdc_control_line_dtr_rts: () => request('cdc-acm', line(9600), 1),
  cdc_line_115200_8n1: () => hex(cdcLineCoding(line(115_200))),
  cdc_line_57600_8n1: () => hex(cdcLineCoding(line(57_600))),
  cdc_line_9600_8e1: () => hex(cdcLineCoding(line(9600, 'even'))),
  cdc_line_9600_8n1: () => hex(cdcLineCoding(line(9600))),
  ch34x_baud_38400: () => request('ch34x', line(38_400), 1),
  ch34x_baud_57600: () => request('ch34x', line(57_600), 1),
  ch34x_baud_9600: () => request('ch34x', line(9600), 1),
  ch34x_dtr_rts_off: () => setupHex(ch34xModem({ dtr: false, rts: false })),
  ch34x_dtr_rts_on: () => request('ch34x', line(9600), 3),
  ch34x_init: () => request('ch34x', line(9600), 0),
  ch34x_lcr_8e1: () => request('ch34x', line(9600, 'even'), 2),
  cp210x_baud_115200_data: () => hex(lineRequests('cp210x', line(115_200), 0)[2]!.data),
  cp210x_baud_9600_data: () => hex(lineRequests('cp210x', line(9600), 0)[2]!.data),
  cp210x_line_8n1: () => request('cp210x', line(9600), 1),
  ftdi_baud_57600: () => request('ftdi', line(57_600), 1),
  ftdi_baud_9600: () => request('ftdi', line(9600), 1),
  ftdi_modem_dtr_rts_on: () => request('ftdi', line(9600), 4),
  ftdi_reset: () => request('ftdi', line(9600), 0),
};

describe('golden frames of the USB-serial chips', () => {
  it.each(vectors)('$name: $meaning', ({ name, hex: golden }) => {
    expect(made[name]?.()).toBe(golden);
  });
});

describe('line rates', () => {
  // Value 2 of the chips' tables (docs/hardware.md#usb-hid-and-serial-packages), for the rates without a golden frame.
  it.each([
    [19_200, 0xd982, 0x809c],
    [115_200, 0xcc83, 0x001a],
  ])('%i baud', (baudRate, ch34x, ftdi) => {
    expect(lineRequests('ch34x', line(baudRate), 0)[1]!.setup[3]).toBe(ch34x);
    expect(lineRequests('ftdi', line(baudRate), 0)[1]!.setup[2]).toBe(ftdi);
  });

  it('a CH34x comes within 2 % of any rate up to 460 800', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1200, max: 460_800 }), (baudRate) => {
        const word = lineRequests('ch34x', line(baudRate), 0)[1]!.setup[3];
        const fast = (word >> 2) & 1;
        const real = 48_000_000 / ((1 << (12 - 3 * (word & 3) - fast)) * (256 - (word >> 8)));
        expect(Math.abs(real / baudRate - 1)).toBeLessThan(0.02);
      }),
    );
  });

  it('an FTDI chip comes within 1 %', () => {
    const sub = [0, 4, 2, 1, 3, 5, 6, 7];
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 460_800 }), (baudRate) => {
        const [, , value, index] = lineRequests('ftdi', line(baudRate), 0)[1]!.setup;
        const word = (index << 16) | value;
        const real = 24_000_000 / (((word & 0x3fff) << 3) | sub[word >> 14]!);
        expect(Math.abs(real / baudRate - 1)).toBeLessThan(0.01);
      }),
    );
  });

  it('refuses what a chip cannot make', () => {
    expect(() => lineRequests('ch34x', line(1), 0)).toThrow('cannot make');
    expect(() => lineRequests('ftdi', line(12_000_000), 0)).toThrow('cannot make');
  });
});

it('takes the two status bytes off each FTDI packet, and nothing off the others', () => {
  expect(linePayload('ftdi', Uint8Array.of(1, 0x60, 0x8a))).toEqual(Uint8Array.of(0x8a));
  expect(linePayload('ftdi', Uint8Array.of(1, 0x60))).toEqual(new Uint8Array(0));
  expect(linePayload('cp210x', Uint8Array.of(1, 0x60))).toEqual(Uint8Array.of(1, 0x60));
});
