import { decodeRelayHostMessage, encodeRelayDeviceMessage } from '../../devices/protocol/relay-dcttech.ts';
import type { RelayHostMessage } from '../../devices/protocol/relay-dcttech.ts';
import type { MemoryTransport } from '../../devices/transport/memory.ts';

/** For tests: a USB relay board at byte level. Each field is a way to misbehave. */
export class FakeRelay {
  id: string;
  /** Relays that do not move any more: what comes is taken, and nothing happens. */
  stuck = false;
  readonly on = new Set<number>();
  /** Whatever was asked of it, in order, over all connections. */
  readonly received: RelayHostMessage[] = [];

  constructor(id: string) {
    this.id = id;
  }

  attach(transport: MemoryTransport): void {
    transport.playFeatures({
      set: (report) => {
        const message = decodeRelayHostMessage(report);
        if (!message.ok) return false;
        this.received.push(message.value);
        if (!this.stuck) this.#obey(message.value);
        return true;
      },
      get: () => {
        const on = [...this.on].sort((a, b) => a - b);
        return encodeRelayDeviceMessage({ type: 'state', hasReportId: true, id: this.id, spare: 0, on });
      },
    });
  }

  count(type: RelayHostMessage['type']): number {
    return this.received.filter((one) => one.type === type).length;
  }

  /** The plug is pulled: all relays drop. */
  powerOff(): void {
    this.on.clear();
  }

  #obey(message: RelayHostMessage): void {
    if (message.type === 'on') this.on.add(message.relay);
    if (message.type === 'off') this.on.delete(message.relay);
    if (message.type === 'allOff') this.powerOff();
  }
}
