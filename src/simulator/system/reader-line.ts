import type { HostEnd } from '../devices/device-port.ts';
import type { CabinetHarness } from './cabinet-harness.ts';

/** Puts something between the tag reader and the device host (a bad line), and plugs the reader in again. */
export async function onReaderLine(harness: CabinetHarness, wrap: (end: HostEnd) => HostEnd): Promise<void> {
  const port = harness.devices.reader;
  const attach = port.attach.bind(port);
  port.attach = (end: HostEnd) => attach(wrap(end));
  harness.unplug('tag-reader');
  await harness.sleep(500);
  harness.plug('tag-reader');
}
