import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { readPlugs, readUsbDevices } from './sysfs.ts';

/** A tree as the kernel builds it: files with their text, or `-> target` for a transport. */
function sysfs(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'kaimen-sys-'));
  for (const [name, text] of Object.entries(files)) {
    const path = join(root, 'bus/usb/devices', name);
    mkdirSync(dirname(path), { recursive: true });
    if (text.startsWith('-> ')) symlinkSync(text.slice(3), path);
    else writeFileSync(path, `${text}\n`);
  }
  return root;
}

it('tells devices, their interfaces, drivers and nodes', async () => {
  const face = (name: string, number: string, cls: string): Record<string, string> => ({
    [`${name}/bInterfaceNumber`]: number,
    [`${name}/bInterfaceClass`]: cls,
    [`${name}/bInterfaceSubClass`]: '02',
    [`${name}/bInterfaceProtocol`]: '01',
  });
  const root = sysfs({
    'usb1/idVendor': '1d6b',
    '1-2.3/idVendor': '1a86',
    '1-2.3/idProduct': '7523',
    '1-2.3/devnum': '17',
    '1-2.3/product': 'USB Serial',
    ...face('1-2.3:1.0', '00', 'ff'),
    '1-2.3:1.0/driver': '-> ../../drivers/ch341',
    '1-2.3:1.0/ttyUSB0/tty/ttyUSB0/dev': '188:0',
    '1-2/idVendor': '1209',
    '1-2/idProduct': 'b002',
    '1-2/devnum': '16',
    '1-2/serial': 'SN 1',
    ...face('1-2:1.1', '01', '0a'),
    ...face('1-2:1.0', '00', '02'),
    '1-2:1.0/driver': '-> ../../drivers/cdc_acm',
    '1-2:1.0/tty/ttyACM0/dev': '166:0',
    '1-3/idVendor': '0c2e',
    '1-3/idProduct': '0b61',
    '1-3/devnum': '18',
    ...face('1-3:1.0', '00', '03'),
    '1-3:1.0/0003:0C2E:0B61.0001/hidraw/hidraw0/dev': '240:0',
    '1-9/devnum': '9',
  });
  const devices = await readUsbDevices(root);
  expect(devices?.map((one) => [one.portPath, one.deviceNumber, one.product, one.serialNumber])).toEqual([
    ['1-2', 16, null, 'SN 1'],
    ['1-2.3', 17, 'USB Serial', null],
    ['1-3', 18, null, null],
  ]);
  expect([...((await readPlugs(root)) ?? [])]).toEqual(['1-2#16', '1-2.3#17', '1-3#18', '1-9#9']);
  const faces = devices?.flatMap((one) => one.interfaces);
  expect(faces?.map((one) => [one.number, one.classCode, one.driver, one.ttys, one.hidraws])).toEqual([
    [0, 2, 'cdc_acm', ['ttyACM0'], []],
    [1, 10, null, [], []],
    [0, 255, 'ch341', ['ttyUSB0'], []],
    [0, 3, null, [], ['hidraw0']],
  ]);
});

it('no USB at all: null, not an empty list', async () => {
  expect(await readUsbDevices(join(tmpdir(), 'kaimen-none'))).toBe(null);
  expect(await readPlugs(join(tmpdir(), 'kaimen-none'))).toBe(null);
});
