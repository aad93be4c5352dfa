import type { DeviceSpec } from '../shared/model/device.ts';
import { DevicePort } from './devices/device-port.ts';
import type { DevicePortOptions } from './devices/device-port.ts';
import { RelayBoard, spoilRelayState } from './devices/relay-board.ts';
import type { World } from './world.ts';

export const lightProtocols = ['relay-dcttech'] as const;

export interface LightOptions {
  /** A usual cabinet has no light at its camera. */
  readonly light?: (typeof lightProtocols)[number];
  readonly lightPort?: number;
}

const channel = 1;
/** Not the lock's. */
const relayId = 'LIGHT';

type Parts = Pick<DevicePortOptions<RelayBoard>, 'clock' | 'random' | 'trace' | 'onChange' | 'cables'> & {
  readonly world: World;
};

/** The light at the camera, on a relay board of its own. */
export class CabinetLight {
  readonly port: DevicePort<RelayBoard>;

  constructor({ world, ...shared }: Parts) {
    this.port = new DevicePort({
      ...{ ...shared, kind: 'light', framing: 'report', spoilCheck: spoilRelayState },
      makeDevice: () =>
        new RelayBoard({
          channel,
          relayId,
          load: (isOn) => {
            world.setLight(isOn);
          },
        }),
    });
  }

  /** Opens its port and says where it is, in the words of the kiosk's configuration. */
  async listen(port: number): Promise<DeviceSpec> {
    const at = { kind: 'tcp', host: '127.0.0.1', port: await this.port.listen(port) } as const;
    return {
      ...{ kind: 'light', protocol: 'relay-dcttech', transport: { ...at, framing: 'report' } },
      channel,
      relayId,
    };
  }

  async close(): Promise<void> {
    this.port.device.close();
    await this.port.close();
  }
}
