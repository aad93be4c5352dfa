import {
  decodeRelayHostMessage,
  encodeRelayDeviceMessage,
  relayCountMax,
} from '../../devices/protocol/relay-dcttech.ts';
import type { World } from '../world.ts';
import type { LockEmulator } from './serial-lock-board.ts';

export interface RelayBoardOptions {
  /** The relay that something hangs on. */
  readonly channel: number;
  /** Switches the current of what hangs there on or off. */
  readonly load: (isOn: boolean) => void;
  /** What was written into it with "set id", or the maker's. */
  readonly relayId: string;
}

/** The shortest current: the latch is tripped for as long as the coil had it, and then waits for a pull as ever. */
const releaseMs = 1;

/** A lock's coil, as what hangs on a relay. */
export function lockCoil(world: World): RelayBoardOptions['load'] {
  return (isOn) => {
    if (isOn) world.hold();
    // A door that was shut meanwhile has latched: the wait ends.
    else if (world.bolt === 'released') world.energise(releaseMs);
  };
}

/** A dcttech USB relay. It knows neither pulse nor door; without USB power all its relays drop. */
export class RelayBoard implements LockEmulator {
  jammed = false;
  readonly #options: RelayBoardOptions;
  #on = new Set<number>();
  #id: string;

  constructor(options: RelayBoardOptions) {
    this.#options = options;
    this.#id = options.relayId;
  }

  readonly features = {
    set: (report: Uint8Array): boolean => this.#obey(report),
    get: (reportId: number): Uint8Array | null => {
      if (reportId !== 0) return null;
      const on = [...this.#on].sort((a, b) => a - b);
      return encodeRelayDeviceMessage({ type: 'state', hasReportId: true, id: this.#id, spare: 0, on });
    },
  };

  /** It has no output reports. */
  receive(): void {
    return;
  }

  powerOff(): void {
    this.#switch([]);
  }

  close(): void {
    this.powerOff();
  }

  #obey(report: Uint8Array): boolean {
    const message = decodeRelayHostMessage(report);
    if (!message.ok) return false;
    switch (message.value.type) {
      case 'on':
        this.#switch([...this.#on, message.value.relay]);
        return true;
      case 'off': {
        const { relay } = message.value;
        this.#switch([...this.#on].filter((one) => one !== relay));
        return true;
      }
      case 'allOn':
        this.#switch(Array.from({ length: relayCountMax }, (_, i) => i + 1));
        return true;
      case 'allOff':
        this.#switch([]);
        return true;
      case 'setId':
        this.#id = message.value.id;
        return true;
      case 'setupRead':
      case 'setupWrite':
        return false;
    }
  }

  #switch(on: readonly number[]): void {
    const { channel, load } = this.#options;
    const was = this.#on.has(channel);
    this.#on = new Set(on);
    const is = this.#on.has(channel);
    if (was !== is && !this.jammed) load(is);
  }
}

/** There is no check: the byte that must be 00 after the id is spoilt, which makes the state as useless. */
export function spoilRelayState(report: Uint8Array): Uint8Array {
  return report.map((byte, i) => (i === 6 ? byte ^ 0xff : byte));
}
