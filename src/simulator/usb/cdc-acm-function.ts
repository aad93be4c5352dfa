import { HeldCable } from './device-cable.ts';
import type { DeviceCable } from './device-cable.ts';
import { cdcAcmDescriptors } from './descriptors.ts';
import type { UsbShape } from './descriptors.ts';
import { requestIs } from './setup.ts';
import type { ClassRequest, UsbFunction } from './usb-device.ts';

/** PSTN 1.2 §6.3, bRequest. */
const acmRequests = {
  setLineCoding: 0x20,
  getLineCoding: 0x21,
  setLineState: 0x22,
  sendBreak: 0x23,
} as const;
const lineCodingBytes = 7;
const endpoints = { out: 0x02, in: 0x81, notify: 0x83 } as const;

/** rate u32, stop bits (0 = 1), parity (0 = none), data bits: 9600 8N1, what a bridge has after power-on. */
const factoryLineCoding = Uint8Array.of(0x80, 0x25, 0, 0, 0, 0, 8);

export interface CdcAcmOptions {
  readonly cable: DeviceCable;
  /** The rate of the device behind the bridge: at any other the two do not understand each other. */
  readonly baud: number;
  readonly send: (endpoint: number, unit: Uint8Array) => boolean;
}

/** A USB-serial bridge of class CDC-ACM: a byte stream on two bulk endpoints. */
export class CdcAcmFunction implements UsbFunction {
  readonly shape: UsbShape;
  readonly #options: CdcAcmOptions;
  readonly #cable: HeldCable;
  #lineCoding = factoryLineCoding;

  constructor(options: CdcAcmOptions) {
    this.#options = options;
    const { cable, send } = options;
    this.#cable = new HeldCable(cable, (unit) => this.#isInTune() && send(endpoints.in, unit));
    const bulk = { type: 'bulk', maxPacketBytes: 64, interval: 0 } as const;
    this.shape = {
      speed: 'full',
      codes: [2, 0, 0],
      controlPacketBytes: 64,
      interfaces: [
        {
          number: 0,
          codes: [2, 2, 1],
          extra: cdcAcmDescriptors(0, 1),
          endpoints: [{ address: endpoints.notify, type: 'interrupt', maxPacketBytes: 16, interval: 16 }],
        },
        {
          number: 1,
          codes: [0x0a, 0, 0],
          extra: [],
          endpoints: [
            { address: endpoints.out, ...bulk },
            { address: endpoints.in, ...bulk },
          ],
        },
      ],
    };
  }

  interfaceDescriptor(): Uint8Array | null {
    return null;
  }

  configured(isOn: boolean): void {
    this.#lineCoding = factoryLineCoding;
    this.#cable.hold(isOn);
  }

  out(endpoint: number, data: Uint8Array): void {
    if (endpoint === endpoints.out && this.#isInTune()) this.#cable.connection?.receive(data);
  }

  classRequest(request: ClassRequest): void {
    const { setup, data } = request;
    const { setLineCoding, getLineCoding, setLineState, sendBreak } = acmRequests;
    if (requestIs(setup, 'out', setLineCoding) && data.length === lineCodingBytes) {
      this.#lineCoding = data.slice();
      request.answer();
    } else if (requestIs(setup, 'in', getLineCoding)) request.answer(this.#lineCoding);
    else if (requestIs(setup, 'out', setLineState) || requestIs(setup, 'out', sendBreak)) request.answer();
    else request.stall();
  }

  /** The device's rate, 8 data bits, no parity, one stop bit. */
  #isInTune(): boolean {
    const coding = Buffer.from(this.#lineCoding);
    const [stop, parity, bits] = coding.subarray(4);
    return coding.readUInt32LE(0) === this.#options.baud && stop === 0 && parity === 0 && bits === 8;
  }
}
