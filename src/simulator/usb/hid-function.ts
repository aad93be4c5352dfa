import { featureRequest } from '../../shared/report-framing.ts';
import type { ReportFrame } from '../../shared/report-framing.ts';
import { HeldCable } from './device-cable.ts';
import type { DeviceCable } from './device-cable.ts';
import { descriptorTypes, hidDescriptor } from './descriptors.ts';
import type { UsbShape, UsbSpeed } from './descriptors.ts';
import { requestIs } from './setup.ts';
import type { ClassRequest, UsbFunction } from './usb-device.ts';

export interface HidOptions {
  readonly cable: DeviceCable;
  readonly speed: Exclude<UsbSpeed, 'high'>;
  readonly reportDescriptor: Uint8Array;
  /** Whether reports carry their id as first byte on the wire; a device without ids has id 0, which is not sent. */
  readonly hasReportIds: boolean;
  /** How often the host asks for a report, in ms. */
  readonly intervalMs: number;
  /** Towards the host; false = no room. */
  readonly send: (endpoint: number, unit: Uint8Array) => boolean;
}

/** HID 1.11 §7.2, bRequest. */
const hidRequests = { getReport: 1, getIdle: 2, setReport: 9, setIdle: 10, setProtocol: 11 } as const;
/** High byte of wValue in GET_REPORT and SET_REPORT. */
const reportTypes = { output: 2, feature: 3 } as const;
const inEndpoint = 0x81;

/** A HID device with one interface: input reports on an interrupt endpoint, all else on the control pipe. */
export class HidFunction implements UsbFunction {
  readonly shape: UsbShape;
  readonly #options: HidOptions;
  readonly #cable: HeldCable;

  constructor(options: HidOptions) {
    this.#options = options;
    const { cable, send, speed, intervalMs, reportDescriptor } = options;
    this.#cable = new HeldCable(cable, (unit) => send(inEndpoint, unit));
    this.shape = {
      speed,
      codes: [0, 0, 0],
      controlPacketBytes: speed === 'low' ? 8 : 64,
      interfaces: [
        {
          number: 0,
          codes: [3, 0, 0],
          extra: [hidDescriptor(reportDescriptor.length)],
          endpoints: [
            {
              address: inEndpoint,
              type: 'interrupt',
              interval: intervalMs,
              maxPacketBytes: speed === 'low' ? 8 : 64,
            },
          ],
        },
      ],
    };
  }

  interfaceDescriptor(type: number): Uint8Array | null {
    const { reportDescriptor } = this.#options;
    if (type === descriptorTypes.hidReport) return reportDescriptor;
    return type === descriptorTypes.hid ? hidDescriptor(reportDescriptor.length) : null;
  }

  configured(isOn: boolean): void {
    this.#cable.hold(isOn);
  }

  /** It has no OUT endpoint. */
  out(): void {
    return;
  }

  classRequest(request: ClassRequest): void {
    const { setup } = request;
    const { getReport, getIdle, setReport, setIdle, setProtocol } = hidRequests;
    if (setup.recipient !== 'interface') request.stall();
    else if (requestIs(setup, 'out', setReport)) this.#setReport(request);
    else if (requestIs(setup, 'in', getReport)) this.#getReport(request);
    else if (requestIs(setup, 'out', setIdle) || requestIs(setup, 'out', setProtocol)) request.answer();
    else if (requestIs(setup, 'in', getIdle)) request.answer(Uint8Array.of(0));
    else request.stall();
  }

  #setReport(request: ClassRequest): void {
    const { value } = request.setup;
    const bytes = this.#options.hasReportIds ? request.data : Uint8Array.of(value & 0xff, ...request.data);
    if (bytes.length === 0) request.stall();
    else if (value >> 8 === reportTypes.feature) this.#requestFeature({ kind: 'setFeature', bytes }, request);
    else if (value >> 8 === reportTypes.output) {
      this.#cable.connection?.receive(bytes);
      request.answer();
    } else request.stall();
  }

  #getReport(request: ClassRequest): void {
    const { value, length } = request.setup;
    if (value >> 8 !== reportTypes.feature) {
      request.stall();
      return;
    }
    const maxBytes = length + (this.#options.hasReportIds ? 0 : 1);
    this.#requestFeature({ kind: 'getFeature', bytes: featureRequest(value & 0xff, maxBytes) }, request);
  }

  #requestFeature(frame: ReportFrame, request: ClassRequest): void {
    this.#cable.connection?.receiveFeature(frame, (answer) => {
      if (answer.kind === 'refused') request.stall();
      else if (answer.kind === 'setFeature') request.answer();
      else request.answer(this.#options.hasReportIds ? answer.bytes : answer.bytes.subarray(1));
    });
  }
}
