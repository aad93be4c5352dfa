import { describe, expect, it } from 'vitest';
import { hidMatchSchema, transportSpecSchema } from '../../shared/model/transport.ts';
import { openRefusal, pickDevice } from './identity.ts';
import type { Candidate } from './identity.ts';

const scanner: Candidate = {
  path: '/dev/hidraw3',
  vendorId: 0x0c2e,
  productId: 0x0b61,
  serialNumber: 'S1',
  product: 'Scanner',
  portPath: '1-2.3',
  interface: 1,
  usagePage: 0x8c,
  usage: 2,
};
const twin = { ...scanner, path: '/dev/hidraw4', serialNumber: null, portPath: '1-2.4' };
const ids = { vendorId: 0x0c2e, productId: 0x0b61 };

describe('which device', () => {
  it.each([
    {},
    { serialNumber: 'S1' },
    { product: 'Scanner', portPath: '1-2.3' },
    { interface: 1, usagePage: 0x8c, usage: 2 },
  ])('%j fits', (match) => {
    expect(pickDevice([scanner], { ...ids, ...match })).toEqual({ ok: true, value: scanner });
  });

  it.each([
    { vendorId: 0x0c2f },
    { productId: 1 },
    { serialNumber: 'S2' },
    { product: 'scanner' },
    { portPath: '1-2' },
    { interface: 0 },
    { usagePage: 1 },
    { usage: 6 },
  ])('%j: refused, never another one', (match) => {
    expect(pickDevice([scanner], { ...ids, ...match })).toMatchObject({
      error: { code: 'transport.refused' },
    });
  });

  it('what the system does not tell fits nothing that is asked for', () => {
    const unknown = { ...scanner, serialNumber: null, portPath: null };
    expect(pickDevice([unknown], { ...ids, serialNumber: 'S1' })).toMatchObject({ ok: false });
    expect(pickDevice([unknown], { ...ids, portPath: '1-2.3' })).toMatchObject({ ok: false });
  });

  it('twins: ambiguous, both places named; the port tells them apart', () => {
    const both = pickDevice([twin, scanner], ids);
    expect(both).toMatchObject({ error: { code: 'transport.ambiguous' } });
    expect(both.ok ? '' : both.error.message).toBe(
      '0C2E:0B61 fits 2 devices: 1-2.3 interface 1 (/dev/hidraw3) and 1-2.4 interface 1 (/dev/hidraw4)',
    );
    expect(pickDevice([twin, scanner], { ...ids, portPath: '1-2.4' })).toMatchObject({ value: twin });
  });

  it('one device that is listed once for each of its collections is one', () => {
    const keyboard = { ...scanner, usagePage: 1, usage: 6 };
    expect(pickDevice([scanner, keyboard], ids)).toMatchObject({ ok: true });
    expect(pickDevice([keyboard, scanner], { ...ids, usagePage: 0x8c })).toMatchObject({ value: scanner });
  });

  it('says what was looked for', () => {
    const picked = pickDevice([], { ...ids, serialNumber: 'S1', portPath: '1-2', usagePage: 0x8c, usage: 2 });
    expect(picked.ok ? '' : picked.error.message).toBe(
      '0C2E:0B61 serial S1 in port 1-2 usage page 008C usage 0002 is not plugged in',
    );
  });
});

it.each([
  ['Error: Permission denied, cannot open /dev/ttyUSB0', 'no permission for /dev/x: install the udev rules'],
  ['LIBUSB_ERROR_ACCESS', 'no permission for /dev/x'],
  ['Error Resource temporarily unavailable Cannot lock port', 'another program holds /dev/x'],
  ['LIBUSB_ERROR_BUSY', 'another program holds /dev/x'],
  ['Error: No such file or directory, cannot open /dev/x', 'there is no /dev/x'],
  ['something else', 'cannot be opened: something else'],
])('%s → %s', (message, words) => {
  const refusal = openRefusal('serial', '/dev/x', message);
  expect(refusal.error.code).toBe('transport.refused');
  expect(refusal.error.message).toContain(words);
});

describe('the profile', () => {
  it.each([
    { kind: 'serial', baudRate: 9600 },
    { kind: 'serial', baudRate: 9600, path: '/dev/ttyS0', match: ids },
    { kind: 'serial', baudRate: 9601, path: '/dev/ttyS0' },
    { kind: 'serial', baudRate: 9600, path: 'ttyS0' },
    { kind: 'serial', baudRate: 9600, path: 'COM0' },
    { kind: 'serial', baudRate: 9600, path: '/dev/ttyS0', stopBits: 3 },
    { kind: 'hid', match: { ...ids, vendorId: 0x1_0000 } },
    { kind: 'hid', match: { ...ids, portPath: '2.3' } },
    { kind: 'hid', match: { ...ids, serial: 'S1' } },
    { kind: 'hid', match: { productId: 1 } },
    { kind: 'usb', match: { ...ids, usagePage: 0x8c } },
    { kind: 'usb' },
  ])('refuses %j', (spec) => {
    expect(transportSpecSchema.safeParse(spec).success).toBe(false);
  });

  it('takes a port by name or by device, 8N1 unless said otherwise', () => {
    const line = { baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 };
    expect(transportSpecSchema.parse({ kind: 'serial', path: '/dev/ttyS0', baudRate: 9600 })).toMatchObject(
      line,
    );
    expect(transportSpecSchema.parse({ kind: 'serial', match: ids, baudRate: 9600 })).toMatchObject(line);
    expect(transportSpecSchema.parse({ kind: 'serial', path: 'COM12', baudRate: 9600 })).toMatchObject(line);
    expect(transportSpecSchema.parse({ kind: 'usb', match: ids, line: { baudRate: 9600 } })).toMatchObject({
      line,
    });
    expect(hidMatchSchema.parse({ ...ids, portPath: '1-2.3.4' }).portPath).toBe('1-2.3.4');
  });
});
