import type { Clock } from '../shared/clock.ts';
import type { DeviceSpec } from '../shared/model/device.ts';
import { scaleRegisterMapDefault } from '../shared/model/scale.ts';
import { DevicePort, type CableRegistry } from './devices/device-port.ts';
import { Scale, spoilScaleReport } from './devices/scale.ts';
import { ScaleBus, spoilModbusCheck } from './devices/scale-bus.ts';
import type { SeededRandom } from '../shared/random.ts';
import type { Trace } from './trace.ts';
import type { World } from './world.ts';

export const scaleProtocols = ['scale-hid', 'scale-modbus'] as const;
export type ScaleProtocol = (typeof scaleProtocols)[number];

export interface ScaleOptions {
  /** A usual cabinet has no scale. */
  readonly scale?: ScaleProtocol;
  readonly scalePort?: number;
}

interface Parts {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly trace: Trace;
  readonly world: World;
  readonly onChange: () => void;
  readonly cables?: CableRegistry | undefined;
}

/** The scale under the goods: one for all (HID), or one for each shelf on a bus (Modbus). Lane n is shelf n. */
export class CabinetScale {
  readonly port: DevicePort<Scale> | DevicePort<ScaleBus>;
  readonly #world: World;
  readonly #protocol: ScaleProtocol;

  constructor(protocol: ScaleProtocol, { world, ...shared }: Parts) {
    this.#world = world;
    this.#protocol = protocol;
    const { clock } = shared;
    this.port =
      protocol === 'scale-hid'
        ? new DevicePort({
            ...{ ...shared, kind: 'scale', framing: 'report', spoilCheck: spoilScaleReport },
            makeDevice: (send) => new Scale({ clock, world, send }),
          })
        : new DevicePort({
            ...{ ...shared, kind: 'scale', framing: 'stream', spoilCheck: spoilModbusCheck },
            makeDevice: (send) => new ScaleBus({ clock, world, send }),
          });
  }

  /** Opens its port and says where it is, in the words of the kiosk's configuration. */
  async listen(port: number): Promise<DeviceSpec> {
    const transport = { kind: 'tcp', host: '127.0.0.1', port: await this.port.listen(port) } as const;
    if (this.#protocol === 'scale-hid') {
      return {
        kind: 'scale',
        protocol: 'scale-hid',
        transport: { ...transport, framing: 'report' },
        lane: 1,
      };
    }
    const lanes = Array.from({ length: this.#world.shelfCount }, (_, i) => ({
      lane: i + 1,
      unitAddress: i + 1,
    }));
    return {
      ...{ kind: 'scale', protocol: 'scale-modbus', transport: { ...transport, framing: 'stream' }, lanes },
      registers: scaleRegisterMapDefault,
    };
  }

  async close(): Promise<void> {
    this.port.device.close();
    await this.port.close();
  }
}
