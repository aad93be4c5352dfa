import { unreachable } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { TransportSpec } from '../../shared/model/transport.ts';
import { HidTransport } from './hid.ts';
import { SerialTransport } from './serial.ts';
import { TcpTransport } from './tcp.ts';
import type { Transport } from './transport.ts';
import { UsbTransport } from './usb.ts';

/** A new transport, not yet open. The native packages are loaded when the first transport of their kind is opened. */
export function makeTransport(spec: TransportSpec, clock: Clock): Transport {
  switch (spec.kind) {
    case 'tcp':
      return new TcpTransport(spec, clock);
    case 'serial':
      return new SerialTransport(spec, clock);
    case 'hid':
      return new HidTransport(spec, clock);
    case 'usb':
      return new UsbTransport(spec, clock);
    default:
      return unreachable(spec);
  }
}
