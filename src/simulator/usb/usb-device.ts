import type { Clock } from '../../shared/clock.ts';
import {
  configurationDescriptor,
  descriptorTypes,
  deviceDescriptor,
  stringDescriptor,
} from './descriptors.ts';
import type { EndpointSpec, UsbIdentity, UsbShape } from './descriptors.ts';
import { InQueue } from './in-queue.ts';
import { parseSetup, requestIs, standardRequests } from './setup.ts';
import type { Setup } from './setup.ts';
import type { UsbResult, UsbTransfer } from './usb-transfer.ts';

/** A control request for the function: exactly one of the two is called, at any time, or neither (a hanging device). */
export interface ClassRequest {
  readonly setup: Setup;
  readonly data: Uint8Array;
  answer(data?: Uint8Array): void;
  stall(): void;
}

/** What a device does beyond what all devices do. */
export interface UsbFunction {
  readonly shape: UsbShape;
  /** Descriptors of an interface (HID); null = it has none of that type. */
  interfaceDescriptor(type: number, interfaceNumber: number): Uint8Array | null;
  classRequest(request: ClassRequest): void;
  out(endpoint: number, data: Uint8Array): void;
  /** The host has chosen the configuration, or dropped it. */
  configured(isOn: boolean): void;
}

/** What may be wrong with the device as USB sees it; what is wrong with its bytes is the line's business. */
export interface UsbFaults {
  /** Every transfer is answered with NAK: nothing ever completes, until this is over. */
  silent: boolean;
  /** What the host sends is obeyed, and the host never learns it. */
  dropReplies: boolean;
  /** Device and configuration descriptors are noise: the kernel can make nothing of it. */
  garbageDescriptors: boolean;
  /** Each completion comes so much later. */
  delayMs: number;
}

const noFaults: UsbFaults = { silent: false, dropReplies: false, garbageDescriptors: false, delayMs: 0 };
const noData = new Uint8Array();
/** Transfers that a host may have under way; Linux's drivers keep some dozens. */
export const transfersMax = 512;

export interface UsbDeviceOptions {
  readonly clock: Clock;
  readonly identity: UsbIdentity;
  /** Makes the function; `send` gives one unit to an IN endpoint: false = no room. */
  readonly makeFunction: (send: (endpoint: number, unit: Uint8Array) => boolean) => UsbFunction;
}

/** One USB device with its control pipe and endpoints: what a host asks, it answers, byte for byte. */
export class UsbDevice {
  readonly identity: UsbIdentity;
  readonly shape: UsbShape;
  readonly #clock: Clock;
  readonly #function: UsbFunction;
  readonly #queues: ReadonlyMap<number, InQueue>;
  readonly #halted = new Set<number>();
  /** Under way: neither completed nor cancelled. */
  readonly #live = new Set<UsbTransfer>();
  readonly #plugListeners = new Set<(plugged: boolean) => void>();
  #parked: UsbTransfer[] = [];
  #faults: UsbFaults = noFaults;
  #configuration = 0;
  #plugged = true;

  constructor(options: UsbDeviceOptions) {
    this.#clock = options.clock;
    this.identity = options.identity;
    this.#function = options.makeFunction((endpoint, unit) => this.#send(endpoint, unit));
    this.shape = this.#function.shape;
    const isIn = (one: EndpointSpec): boolean => (one.address & 0x80) !== 0;
    this.#queues = new Map(
      this.endpoints.filter(isIn).map((one) => [one.address, new InQueue(one, options.clock)]),
    );
  }

  get endpoints(): EndpointSpec[] {
    return this.shape.interfaces.flatMap((one) => one.endpoints);
  }
  get configuration(): number {
    return this.#configuration;
  }
  get plugged(): boolean {
    return this.#plugged;
  }
  get faults(): UsbFaults {
    return this.#faults;
  }

  /** Called with each pull of the plug and each plugging in. */
  onPlug(listener: (plugged: boolean) => void): () => void {
    this.#plugListeners.add(listener);
    return () => this.#plugListeners.delete(listener);
  }
  setPlugged(plugged: boolean): void {
    if (plugged === this.#plugged) return;
    this.#plugged = plugged;
    if (!plugged) this.reset();
    for (const listener of this.#plugListeners) listener(plugged);
  }

  setFaults(faults: Partial<UsbFaults>): void {
    this.#faults = { ...noFaults, ...faults };
    if (this.#faults.silent) return;
    for (const endpoint of this.#queues.keys()) this.#serve(endpoint);
    const parked = this.#parked;
    this.#parked = [];
    for (const transfer of parked) if (this.#live.has(transfer)) this.#perform(transfer);
  }

  /** Halts an endpoint until the host clears it (CLEAR_FEATURE); what waits on it is stalled. */
  halt(endpoint: number): void {
    this.#halted.add(endpoint);
    for (const transfer of this.#queues.get(endpoint)?.drain() ?? []) this.#stall(transfer);
  }

  isHalted(endpoint: number): boolean {
    return this.#halted.has(endpoint);
  }

  submit(transfer: UsbTransfer): void {
    if (!this.#plugged || this.#live.size >= transfersMax) {
      transfer.complete({ status: 'stall', data: noData, actualBytes: 0 });
      return;
    }
    this.#live.add(transfer);
    this.#perform(transfer);
  }

  /** True: it will not complete any more. False: it has completed already. */
  cancel(transfer: UsbTransfer): boolean {
    const wasLive = this.#live.delete(transfer);
    if (wasLive) this.#queues.get(transfer.endpoint)?.forget(transfer);
    return wasLive;
  }

  /** As a port reset: no configuration, nothing halted, nothing under way. */
  reset(): void {
    this.#live.clear();
    this.#parked = [];
    this.#halted.clear();
    for (const queue of this.#queues.values()) queue.clear();
    this.#configure(0);
  }

  /** Chooses the configuration; for hosts that tell it beside the control pipe (usb-redir). False = there is none such. */
  setConfiguration(value: number): boolean {
    if (value > 1) return false;
    this.#halted.clear();
    for (const queue of this.#queues.values()) queue.dropData();
    this.#configure(value);
    return true;
  }

  #configure(value: number): void {
    if (value === this.#configuration) return;
    this.#configuration = value;
    this.#function.configured(value === 1);
  }

  #perform(transfer: UsbTransfer): void {
    const { endpoint } = transfer;
    if (this.#faults.silent) this.#parked.push(transfer);
    else if (endpoint === 0) this.#control(transfer);
    else if (this.#halted.has(endpoint) || !this.#has(endpoint)) this.#stall(transfer);
    else if ((endpoint & 0x80) === 0) {
      this.#function.out(endpoint, transfer.data);
      this.#done(transfer, noData, transfer.data.length);
    } else {
      this.#queues.get(endpoint)?.request(transfer);
      this.#serve(endpoint);
    }
  }

  #has(endpoint: number): boolean {
    return this.#configuration === 1 && this.endpoints.some((one) => one.address === endpoint);
  }

  #send(endpoint: number, unit: Uint8Array): boolean {
    if (this.#configuration === 0) return false;
    const taken = this.#queues.get(endpoint)?.put(unit) === true;
    this.#serve(endpoint);
    return taken;
  }

  #serve(endpoint: number): void {
    if (this.#faults.silent) return;
    const queue = this.#queues.get(endpoint);
    for (let next = queue?.take(); next !== undefined && next !== null; next = queue?.take()) {
      this.#done(next.transfer, next.data, next.data.length);
    }
  }

  #control(transfer: UsbTransfer): void {
    const setup = parseSetup(transfer.setup ?? noData);
    if (setup === null) {
      this.#stall(transfer);
      return;
    }
    const wantedBytes = Math.min(setup.length, transfer.wantedBytes);
    const answer = (data: Uint8Array = noData): void => {
      const cut = setup.isIn ? data.subarray(0, wantedBytes) : noData;
      this.#done(transfer, cut, setup.isIn ? cut.length : transfer.data.length);
    };
    const stall = (): void => {
      this.#stall(transfer);
    };
    if (setup.kind !== 'standard') {
      if (setup.kind !== 'class' || this.#configuration === 0) stall();
      else this.#function.classRequest({ setup, data: transfer.data, answer, stall });
      return;
    }
    const data = this.#standard(setup);
    if (data === null) stall();
    else answer(data);
  }

  /** Null = stall. */
  #standard(setup: Setup): Uint8Array | null {
    const { value, index } = setup;
    const { getStatus, clearFeature, setFeature, setAddress, getDescriptor } = standardRequests;
    const { getConfiguration, setConfiguration, getInterface, setInterface } = standardRequests;
    if (requestIs(setup, 'in', getDescriptor)) return this.#descriptor(setup);
    if (requestIs(setup, 'in', getStatus)) {
      const isHalted = setup.recipient === 'endpoint' && this.#halted.has(index & 0xff);
      return Uint8Array.of(isHalted ? 1 : 0, 0);
    }
    if (requestIs(setup, 'out', setAddress)) return noData;
    if (requestIs(setup, 'in', getConfiguration)) return Uint8Array.of(this.#configuration);
    if (requestIs(setup, 'out', setConfiguration)) return this.setConfiguration(value) ? noData : null;
    if (requestIs(setup, 'in', getInterface)) return Uint8Array.of(0);
    if (requestIs(setup, 'out', setInterface)) return value === 0 ? noData : null;
    const isHalt = setup.recipient === 'endpoint' && value === 0;
    if (isHalt && requestIs(setup, 'out', clearFeature)) {
      this.#halted.delete(index & 0xff);
      return noData;
    }
    if (isHalt && requestIs(setup, 'out', setFeature)) {
      this.halt(index & 0xff);
      return noData;
    }
    return null;
  }

  #descriptor(setup: Setup): Uint8Array | null {
    const type = setup.value >> 8;
    if (setup.recipient === 'interface') return this.#function.interfaceDescriptor(type, setup.index & 0xff);
    const isDevice = type === descriptorTypes.device;
    if (isDevice || type === descriptorTypes.configuration) {
      // Byte 0 is the length: 0 is refused by every host.
      if (this.#faults.garbageDescriptors) return new Uint8Array(18).fill(0).fill(0xa5, 1);
      if ((setup.value & 0xff) !== 0) return null;
      return isDevice ? deviceDescriptor(this.shape, this.identity) : configurationDescriptor(this.shape);
    }
    if (type === descriptorTypes.string) return stringDescriptor(this.identity, setup.value & 0xff);
    // DEVICE_QUALIFIER too: a device that knows one speed only has to stall it (USB 2.0 §9.6.2).
    return null;
  }

  #stall(transfer: UsbTransfer): void {
    this.#finish(transfer, { status: 'stall', data: noData, actualBytes: 0 });
  }
  #done(transfer: UsbTransfer, data: Uint8Array, actualBytes: number): void {
    // A read is never dropped: nothing would have been obeyed.
    if (this.#faults.dropReplies && (transfer.endpoint & 0x80) === 0 && data.length === 0) return;
    this.#finish(transfer, { status: 'ok', data, actualBytes });
  }

  #finish(transfer: UsbTransfer, result: UsbResult): void {
    const finish = (): void => {
      if (this.#live.delete(transfer)) transfer.complete(result);
    };
    if (this.#faults.delayMs > 0) this.#clock.after(this.#faults.delayMs, finish);
    else finish();
  }
}
