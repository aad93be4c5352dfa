import { attachHost } from '../../devices/host.ts';
import type { Transport } from '../../devices/transport/transport.ts';
import type { HostProcess } from '../../main/devices/device-host.ts';
import type { Clock } from '../../shared/clock.ts';
import type { TransportSpec } from '../../shared/model/transport.ts';
import { KillableClock } from '../../testkit/killable-clock.ts';

/** What the exit of a process that got SIGKILL looks like (128 + 9). */
const killedExitCode = 137;

/**
 * The device host as a process of its own would be, in this one: real driver code on cables of this process, behind a channel
 * that copies each message and delivers it later, as a MessagePort does. It can be killed, or hang.
 */
export class HostInProcess implements HostProcess {
  /** Goes on after the process has ended. */
  readonly #outside: Clock;
  readonly #clock: KillableClock;
  readonly #transports: Transport[] = [];
  #toHost: (payload: unknown) => void = () => undefined;
  #toMain: (message: unknown) => void = () => undefined;
  readonly #onExit: ((code: number) => void)[] = [];
  #ended = false;
  #hung = false;

  /** `makeTransport` finds the devices that the settings name. */
  constructor(clock: Clock, makeTransport: (spec: TransportSpec, clock: Clock) => Transport) {
    this.#outside = clock;
    this.#clock = new KillableClock(clock);
    attachHost({
      port: {
        send: (message) => {
          this.#carry(message, (copy) => this.#toMain(copy));
        },
        onMessage: (listener) => {
          this.#toHost = listener;
        },
      },
      clock: this.#clock,
      makeTransport: (spec) => {
        const transport = makeTransport(spec, this.#clock);
        this.#transports.push(transport);
        return transport;
      },
      log: () => undefined,
      exit: (code) => {
        this.#end(code);
      },
    });
  }

  postMessage(message: unknown): void {
    this.#carry(message, (copy) => this.#toHost(copy));
  }
  onMessage(listener: (message: unknown) => void): void {
    this.#toMain = listener;
  }
  onExit(listener: (code: number) => void): void {
    this.#onExit.push(listener);
  }

  /** SIGKILL: nothing more comes out of it; the kernel lets go of its devices. */
  kill(): void {
    this.#end(killedExitCode);
  }
  /** A native call that never returns: the process is there and says nothing more. */
  hang(): void {
    this.#hung = true;
  }

  #carry(message: unknown, deliver: (copy: unknown) => void): void {
    if (this.#ended || this.#hung) return;
    const copy: unknown = structuredClone(message);
    this.#outside.after(0, () => {
      if (!this.#ended && !this.#hung) deliver(copy);
    });
  }

  #end(code: number): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#clock.kill();
    for (const transport of this.#transports) void transport.close();
    this.#outside.after(0, () => {
      for (const listener of this.#onExit) listener(code);
    });
  }
}
