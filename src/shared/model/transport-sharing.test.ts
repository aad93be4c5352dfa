import { expect, test } from 'vitest';
import { cabinetDevicesSchema } from './device.ts';

const tcp = { kind: 'tcp', host: '127.0.0.1', port: 5001, framing: 'stream' };
const ids = { vendorId: 0x1a86, productId: 0x7523 };
const serial = (over: object = {}) => ({ kind: 'serial', match: ids, baudRate: 9600, ...over });
const hid = (match: object = {}) => ({ kind: 'hid', match: { ...ids, ...match } });
const lock = (over: object = {}) => ({
  ...{ kind: 'lock', protocol: 'lock-8a', transport: tcp, boardAddress: 1, channel: 1, closedFeedback: 1 },
  ...over,
});
const scanner = (over: object = {}) => ({
  ...{ kind: 'code-scanner', protocol: 'scanner-serial', suffix: 'cr', transport: tcp },
  ...over,
});
const reader = { kind: 'tag-reader', protocol: 'rfid-r200', region: 'china-900', powerCentiDbm: 2600 };
const scale = { kind: 'scale', protocol: 'scale-modbus', lanes: [{ lane: 1, unitAddress: 1 }] };
const thermometer = { kind: 'thermometer', protocol: 'thermometer-modbus', unitAddress: 2 };
const hidScanner = { kind: 'code-scanner', protocol: 'scanner-hid-pos', layout: 'auto' };
const typing = {
  kind: 'code-scanner',
  protocol: 'scanner-wedge',
  suffix: 'enter',
  keyGapMs: 50,
  minLength: 4,
};

const problem = (...devices: object[]): string | null => {
  const parsed = cabinetDevicesSchema.safeParse({ simulated: false, devices });
  return parsed.success ? null : (parsed.error.issues[0]?.message ?? '');
};

test.each<[string, object[], string]>([
  ['one address', [lock(), scanner()], 'lock-1 and code-scanner-1 would both open 127.0.0.1:5001'],
  ['one address, written otherwise', [lock(), scanner({ transport: { ...tcp, host: 'LOCALHOST' } })], '5001'],
  ['one port by name', [path(lock()), path(scanner())], '/dev/ttyS1'],
  ['one adapter', [lock({ transport: serial() }), scanner({ transport: serial() })], '1A86:7523'],
  [
    'one adapter, once with its number',
    [
      { ...reader, transport: serial({ baudRate: 115_200 }) },
      scanner({ transport: serial({ match: { ...ids, serialNumber: 'A1' } }) }),
    ],
    'tag-reader-1 and code-scanner-1',
  ],
  ['one HID device', [{ ...hidScanner, transport: hid() }, hidScale(hid())], 'code-scanner-1 and scale-1'],
  ['one device with and without the kernel', [lock({ transport: serial() }), usb(scanner())], '1A86:7523'],
  [
    'scale and thermometer on one line, which they cannot share',
    [onBus(scale), onBus(thermometer)],
    'scale-1',
  ],
  ['two that type', [keyboard(), keyboard()], 'keyboard'],
  [
    'two boards that set the line otherwise',
    [lock(), lock({ transport: { ...tcp, framing: 'report' }, channel: 2 })],
    'or the same protocol and the same line settings',
  ],
  ['two lock boards of two protocols', [lock(), lock({ protocol: 'lock-wkly', channel: 2 })], 'lock-2'],
])('refused, with words: %s', (_, devices, words) => {
  expect(problem(...devices)).toContain(words);
});

test.each<[string, object[]]>([
  ['two channels of one board', [lock(), lock({ channel: 2 })]],
  ['two boards on one line', [lock(), lock({ boardAddress: 2 })]],
  [
    'several transmitters on one bus',
    [onBus({ ...scale, lanes: [1, 2].map((n) => ({ lane: n, unitAddress: n })) })],
  ],
  ['two addresses', [lock(), scanner({ transport: { ...tcp, port: 5002 } })]],
  [
    'twins, told apart by their plugs',
    [
      lock({ transport: serial({ match: { ...ids, portPath: '1-1' } }) }),
      scanner({ transport: serial({ match: { ...ids, portPath: '1-2' } }) }),
    ],
  ],
  [
    'two parts of one device',
    [{ ...hidScanner, transport: hid({ interface: 0 }) }, hidScale(hid({ interface: 1 }))],
  ],
])('taken: %s', (_, devices) => {
  expect(problem(...devices)).toBeNull();
});

function path(device: object): object {
  return { ...device, transport: { kind: 'serial', path: '/dev/ttyS1', baudRate: 9600 } };
}
function usb(device: object): object {
  return { ...device, transport: { kind: 'usb', match: ids } };
}
function onBus(device: object): object {
  return { ...device, transport: serial() };
}
function hidScale(transport: object): object {
  return { kind: 'scale', protocol: 'scale-hid', lane: 1, transport };
}
function keyboard(): object {
  return { ...typing, transport: { kind: 'keyboard' } };
}
