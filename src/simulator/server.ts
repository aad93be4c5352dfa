import { systemClock } from '../shared/clock.ts';
import type { Clock } from '../shared/clock.ts';
import type { CabinetDevices } from '../shared/model/device.ts';
import type { Cabinet } from './cabinet.ts';
import { Control } from './control.ts';
import type { ScreenReader, PowerSwitch } from './control.ts';
import { ControlServer } from './http.ts';
import type { RawHandler } from './http.ts';
import { Network } from './network.ts';
import { OperatorDev } from './operator-dev.ts';
import { servePanelFile } from './panel-files.ts';
import { makeSimulatedCabinet, type SimulatedCabinetOptions } from './simulated-cabinet.ts';
import { StateStream } from './state-stream.ts';
import type { Trace } from './trace.ts';
import type { UsbDevice } from './usb/usb-device.ts';
import { UsbipServer } from './usb/usbip-server.ts';
import type { World } from './world.ts';

export type { PowerSwitch, ScreenReader } from './control.ts';

/** Ports: 0 or absent = any free port. All listen on 127.0.0.1 only. */
export interface SimulatorOptions extends SimulatedCabinetOptions {
  readonly controlPort?: number;
  readonly proxyPort?: number;
  /** Base URL of the operator's API, where the proxy leads. */
  readonly operator?: string | undefined;
  /** Base URL of the operator's development API (member codes, provider, charges). */
  readonly operatorDev?: string | undefined;
  /** USB/IP server with the cabinet's devices; absent = none. `host` is loopback when it is not given. */
  readonly usbip?: { readonly port: number; readonly host?: string | undefined };
  readonly power?: PowerSwitch;
  readonly screenReader?: ScreenReader;
  readonly clock?: Clock;
}

export interface Simulator {
  /** Base URLs. */
  readonly control: string;
  readonly operatorProxy: string;
  readonly devices: CabinetDevices;
  /** The same objects that the control API works on, for tests and programs in this process. */
  readonly world: World;
  readonly network: Network;
  readonly cabinet: Cabinet;
  readonly trace: Trace;
  /** The same devices as USB shows them, in the order lock, tag reader, code scanner, then door sensor, scale and light if any. */
  readonly usb: readonly UsbDevice[];
  /** Port of the USB/IP server. */
  readonly usbipPort: number | null;
  close(): Promise<void>;
}

const loopback = '127.0.0.1';

/** Starts a whole simulated cabinet. Rejects when a port is taken. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const clock = options.clock ?? systemClock;
  let stream: StateStream | null = null;
  const onChange = (): void => stream?.changed();
  const { catalog, world, cabinet, trace, usb } = makeSimulatedCabinet(options, { clock, onChange });
  const usbip = options.usbip === undefined ? null : new UsbipServer(usb, clock);
  const network = new Network({ clock, upstream: upstreamOf(options.operator), onChange });
  const operator = new OperatorDev(options.operatorDev ?? null);
  const power = options.power ?? null;
  const screenReader = options.screenReader ?? null;
  const control = new Control({
    clock,
    catalog,
    world,
    cabinet,
    network,
    trace,
    operator,
    power,
    screenReader,
    onChange,
  });
  const events = new StateStream(clock, () => control.state());
  stream = events;
  const server = new ControlServer({
    json: control.routes(),
    raw: new Map<string, RawHandler>([
      [
        '/events',
        (_request, response) => {
          events.add(response);
        },
      ],
      ['*', (_request, response, url) => void servePanelFile(url.pathname, response)],
    ]),
  });
  const close = async (): Promise<void> => {
    events.close();
    await usbip?.close();
    await Promise.all([cabinet.close(), network.close(), server.close()]);
  };
  try {
    const devices = await cabinet.listen();
    const usbipPort =
      (await usbip?.listen(options.usbip?.port ?? 0, options.usbip?.host ?? loopback)) ?? null;
    const proxyPort = await network.listen(options.proxyPort ?? 0);
    const controlPort = await server.listen(options.controlPort ?? 0);
    return {
      control: `http://127.0.0.1:${controlPort}`,
      operatorProxy: `http://127.0.0.1:${proxyPort}`,
      devices,
      world,
      network,
      cabinet,
      trace,
      usb,
      usbipPort,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Throws a TypeError when it is not an http(s) URL. */
function upstreamOf(operator: string | undefined): { host: string; port: number } | null {
  if (operator === undefined) return null;
  const url = new URL(operator);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new TypeError(`not http: ${operator}`);
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port };
}
