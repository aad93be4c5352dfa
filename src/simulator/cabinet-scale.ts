import type { Clock } from '../shared/clock.ts';
import type { z } from 'zod';
import type { weighedShelfSchema } from '../shared/model/weighed-shelf.ts';
import type { DeviceSpec } from '../shared/model/device.ts';
import { scaleRegisterMapDefault } from '../shared/model/scale.ts';
import { DevicePort, type CableRegistry } from './devices/device-port.ts';
import { Scale, spoilScaleReport } from './devices/scale.ts';
import { ScaleBus, spoilModbusCheck } from './devices/scale-bus.ts';
import { ScaleManners } from './devices/scale-manners.ts';
import { SeededRandom } from '../shared/random.ts';
import type { Trace } from './trace.ts';
import type { World } from './world.ts';

export const scaleProtocols = ['scale-hid', 'scale-modbus'] as const;
export type ScaleProtocol = (typeof scaleProtocols)[number];

export interface ScaleOptions {
  /** A usual cabinet has no scale. */
  readonly scale?: ScaleProtocol;
  readonly scalePort?: number;
  /** With the noise, drift and wrong values of cheap cells. */
  readonly isScalePhysical?: boolean;
}

interface Parts {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly trace: Trace;
  readonly world: World;
  readonly onChange: () => void;
  readonly cables?: CableRegistry | undefined;
  readonly isScalePhysical?: boolean | undefined;
}

/** The scale under the goods: one for all (HID), or one for each shelf on a bus (Modbus). Lane n is shelf n. */
export class CabinetScale {
  readonly port: DevicePort<Scale> | DevicePort<ScaleBus>;
  readonly #world: World;
  readonly #protocol: ScaleProtocol;

  readonly manners: ScaleManners;

  constructor(protocol: ScaleProtocol, { world, isScalePhysical = false, ...shared }: Parts) {
    this.#world = world;
    this.#protocol = protocol;
    const { clock, random } = shared;
    // Of its own, so that a scale which is asked more often moves no other chance.
    const own = isScalePhysical ? new SeededRandom(random.between(0, 2 ** 31 - 1)) : random;
    const manners = new ScaleManners({ clock, random: own, isPhysical: isScalePhysical });
    this.manners = manners;
    this.port =
      protocol === 'scale-hid'
        ? new DevicePort({
            ...{ ...shared, kind: 'scale', framing: 'report', spoilCheck: spoilScaleReport },
            makeDevice: (send) => new Scale({ clock, world, manners, send }),
          })
        : new DevicePort({
            ...{ ...shared, kind: 'scale', framing: 'stream', spoilCheck: spoilModbusCheck },
            makeDevice: (send) => new ScaleBus({ clock, world, manners, send }),
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

  /** What stands on it, in the words of the kiosk's configuration: lane n weighs shelf n, or lane 1 all of them. */
  get shelf(): z.input<typeof weighedShelfSchema> {
    const goodsOf = (skus: readonly string[]): { sku: string }[] => skus.map((sku) => ({ sku }));
    const { planogram } = this.#world;
    if (this.#protocol === 'scale-hid')
      return { lanes: [{ lane: 1, goods: goodsOf(planogram.flatMap(({ skus }) => skus)) }] };
    return { lanes: planogram.map(({ shelf, skus }) => ({ lane: shelf, goods: goodsOf(skus) })) };
  }

  async close(): Promise<void> {
    this.port.device.close();
    await this.port.close();
  }
}
