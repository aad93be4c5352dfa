import type { DeviceSpec } from '../shared/model/device.ts';
import { DevicePort, type DevicePortOptions } from './devices/device-port.ts';
import { SimulatedThermometer, type ThermometerProtocol } from './devices/thermometer.ts';

export interface ThermometerOptions {
  /** A usual cabinet has none. */
  readonly thermometer?: ThermometerProtocol;
}

type Shared = Pick<
  DevicePortOptions<SimulatedThermometer>,
  'clock' | 'random' | 'trace' | 'onChange' | 'cables'
>;

/** The thermometer among the goods. */
export class CabinetThermometer {
  readonly port: DevicePort<SimulatedThermometer>;
  readonly #protocol: ThermometerProtocol;

  constructor(protocol: ThermometerProtocol, shared: Shared) {
    this.#protocol = protocol;
    this.port = new DevicePort({
      ...{ ...shared, kind: 'thermometer' },
      framing: protocol === 'thermometer-temper' ? 'report' : 'stream',
      spoilCheck: (frame) =>
        frame.map((byte, at) => (at === 0 || at === frame.length - 1 ? byte ^ 0xff : byte)),
      makeDevice: (send) => new SimulatedThermometer(protocol, shared.clock, send),
    });
  }

  /** Opens its port and says where it is, in the words of the kiosk's configuration. */
  async listen(): Promise<DeviceSpec> {
    const transport = { kind: 'tcp', host: '127.0.0.1', port: await this.port.listen(0) } as const;
    return this.#protocol === 'thermometer-temper'
      ? {
          ...{ kind: 'thermometer', protocol: 'thermometer-temper', countsPerDegree: 100, sensor: 'outer' },
          transport: { ...transport, framing: 'report' },
        }
      : {
          ...{ kind: 'thermometer', protocol: 'thermometer-modbus', unitAddress: 1 },
          transport: { ...transport, framing: 'stream' },
          register: { function: 4, register: 1, milliCelsiusPerCount: 100 },
        };
  }

  async close(): Promise<void> {
    await this.port.close();
  }
}
