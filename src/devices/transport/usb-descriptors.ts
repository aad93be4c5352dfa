import type { UsbDevice } from './usb-package.ts';

/** An interface with bulk endpoints in both directions. */
export interface BulkPair {
  readonly number: number;
  readonly inAddress: number;
  readonly inPacketBytes: number;
  readonly outAddress: number;
}

const cdcControlClass = 0x02;
const cdcAcmSubclass = 0x02;
const cdcDataClass = 0x0a;
const bulkType = 2;

/** The interfaces that could be spoken to, in their first setting; `cdcOnly`: of the class CDC data alone. */
export function bulkPairs(device: UsbDevice, cdcOnly: boolean): BulkPair[] {
  return (device.configDescriptor?.interfaces ?? []).flatMap(([first]) => {
    if (first === undefined || (cdcOnly && first.bInterfaceClass !== cdcDataClass)) return [];
    const bulk = first.endpoints.filter(({ bmAttributes }) => (bmAttributes & 3) === bulkType);
    const input = bulk.find(({ bEndpointAddress }) => bEndpointAddress >= 0x80);
    const output = bulk.find(({ bEndpointAddress }) => bEndpointAddress < 0x80);
    if (input === undefined || output === undefined) return [];
    return [
      {
        number: first.bInterfaceNumber,
        inAddress: input.bEndpointAddress,
        inPacketBytes: input.wMaxPacketSize,
        outAddress: output.bEndpointAddress,
      },
    ];
  });
}

/** The CDC-ACM control interface of a data interface: the nearest before it, as the two are always sold. Or null. */
export function controlInterfaceOf(device: UsbDevice, dataNumber: number): number | null {
  const controls = (device.configDescriptor?.interfaces ?? []).flatMap(([first]) =>
    first?.bInterfaceClass === cdcControlClass && first.bInterfaceSubClass === cdcAcmSubclass
      ? [first.bInterfaceNumber]
      : [],
  );
  return controls.filter((number) => number < dataNumber).at(-1) ?? controls[0] ?? null;
}
