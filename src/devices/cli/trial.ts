import type { Clock } from '../../shared/clock.ts';
import { sleep } from '../../shared/clock.ts';
import type { DeviceHealth, DeviceSpec, DoorState } from '../../shared/model/device.ts';
import type { HostMessage } from '../../shared/model/host-messages.ts';
import type { DeviceAdmin } from '../../shared/model/device-admin.ts';
import { finalReadingMaxMs, judgeCapacity, settlingMs, tagsCarried } from '../../shared/reading-capacity.ts';
import { weightBoundsDefault } from '../../shared/model/scale.ts';
import { DeviceAdministration } from '../device-administration.ts';
import type { TransportFactory } from '../device-slot.ts';
import { Supervisor } from '../supervisor.ts';

/** Longest wait for a device to answer for the first time. */
const connectMaxMs = 8000;
/** How long tags are collected and a scan is waited for. */
const collectMs = 3000;
const scanMaxMs = 15_000;
const stepMs = 100;

/** The devices of one step (a relay comes with its door sensor), driven as the cabinet would. */
export class DeviceTrial {
  readonly #specs: readonly DeviceSpec[];
  readonly #clock: Clock;
  readonly #supervisor: Supervisor;
  readonly #admin: DeviceAdmin;
  #messages: HostMessage[] = [];

  constructor(
    specs: readonly DeviceSpec[],
    options: { readonly clock: Clock; readonly makeTransport: TransportFactory },
  ) {
    this.#specs = specs;
    this.#clock = options.clock;
    this.#supervisor = new Supervisor({
      clock: options.clock,
      makeTransport: options.makeTransport,
      log: () => undefined,
      emit: (message) => {
        this.#messages.push(message);
      },
    });
    this.#admin = new DeviceAdministration(this.#supervisor);
  }

  /** null when all are there and answer; else what is wrong. */
  async connect(): Promise<string | null> {
    await this.#supervisor.configure({ simulated: false, devices: [...this.#specs] });
    const waiting = (): DeviceHealth | undefined =>
      this.#supervisor.health().find((one) => one.state !== 'ready');
    await this.#until(connectMaxMs, () => waiting() === undefined);
    for (const { id, kind } of this.#supervisor.health()) {
      const tested = await this.#admin.perform({ type: 'selfTest', deviceId: id });
      if (!tested.ok) return `${kind}: ${tested.error.message}`;
      if (!tested.value.isPassed) return `${kind}: ${tested.value.detail}`;
    }
    return null;
  }

  async readDoor(): Promise<DoorState | null> {
    const read = await this.#supervisor.readDoor();
    return read.ok ? read.value.door : null;
  }

  /** null, or why it is not known to have opened. */
  async unlock(): Promise<string | null> {
    const tested = await this.#admin.perform({ type: 'testLock' });
    return tested.ok ? null : tested.error.message;
  }

  /** What it shows of itself, in words; null: nothing came. */
  async observe(): Promise<string | null> {
    this.#messages = [];
    const [spec] = this.#specs;
    switch (spec?.kind) {
      case 'code-scanner':
        await this.#until(scanMaxMs, () => this.#of('code').length > 0);
        return (
          this.#of('code').map(({ text, symbology, stripped }) => {
            const extra = stripped === undefined ? '' : `; taken off what the scanner adds: ${stripped}`;
            return `Read: ${text} (${symbology})${extra}`;
          })[0] ?? null
        );
      case 'tag-reader': {
        this.#supervisor.setPollMode('active');
        await sleep(this.#clock, collectMs);
        const reads = this.#of('tags').flatMap((one) => one.reads);
        const epcs = new Set(reads.map((read) => read.epc));
        if (epcs.size === 0) return null;
        const capacity = capacityText(epcs.size, (reads.length * 1000) / collectMs);
        return `${epcs.size} tags: ${[...epcs].slice(0, 5).join(', ')}\n${capacity}`;
      }
      case 'scale': {
        await sleep(this.#clock, collectMs);
        const weight = this.#of('weight').findLast((one) => one.milligrams !== null)?.milligrams ?? null;
        return weight === null ? null : `${weight / 1000} g (${boundsText(spec)})`;
      }
      case 'thermometer': {
        await this.#until(scanMaxMs, () => this.#of('temperature').length > 0);
        const said = this.#of('temperature').at(-1);
        return said === undefined ? null : `${(said.milliCelsius / 1000).toFixed(1)} °C`;
      }
      case 'lock':
      case 'door-sensor':
      case 'light':
      case undefined:
        return null;
    }
  }

  end(): Promise<void> {
    return this.#supervisor.stop();
  }

  #of<T extends HostMessage['type']>(type: T): Extract<HostMessage, { type: T }>[] {
    return this.#messages.filter((one): one is Extract<HostMessage, { type: T }> => one.type === type);
  }

  async #until(maxMs: number, isSo: () => boolean): Promise<boolean> {
    const endMs = this.#clock.monotonicMs() + maxMs;
    while (!isSo() && this.#clock.monotonicMs() < endMs) await sleep(this.#clock, stepMs);
    return isSo();
  }
}

/** Whether the reader is fast enough for its stock: nobody should have to find out by a purchase. */
function capacityText(tagCount: number, readsPerS: number): string {
  const most = tagsCarried(readsPerS, finalReadingMaxMs);
  const seconds = (Math.min(settlingMs(tagCount, readsPerS), finalReadingMaxMs) / 1000).toFixed(1);
  const measured = `${Math.round(readsPerS)} reads a second carry at most ${most} tags`;
  switch (judgeCapacity(tagCount, readsPerS)) {
    case 'fits':
      return `${measured}; with these the bill is ready ${seconds} s after the door has shut.`;
    case 'slow':
      return `${measured}. HINT: the shopper waits ${seconds} s for the bill: fewer goods, or a faster reader.`;
    case 'beyond':
      return `${measured}. TOO MANY TAGS: the cabinet will not sell with these in it.`;
  }
}

/** What of a scale's numbers counts as a weight, so that whoever sets it up can write other bounds into the profile. */
function boundsText(spec: Extract<DeviceSpec, { kind: 'scale' }>): string {
  const own = spec.protocol === 'scale-hid' ? spec.bounds : spec.lanes[0]?.bounds;
  const { minMilligrams, maxMilligrams } = own ?? weightBoundsDefault;
  return `a weight from ${minMilligrams / 1_000_000} kg to ${maxMilligrams / 1_000_000} kg; else "bounds" of the lane`;
}
