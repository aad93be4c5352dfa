import type { HostProcess } from '../../src/main/devices/device-host.ts';
import type { HostExit, Machine } from './machine.ts';

/** One device host in the virtual machine, in the shape in which main knows it. */
export class GuestHost implements HostProcess {
  readonly #machine: Machine;
  readonly #number: number;
  readonly #onExit: ((code: number) => void)[] = [];
  #onMessage: (message: unknown) => void = () => undefined;

  /** `exited` is told of its end, with the signal that main's interface has no room for. */
  constructor(machine: Machine, exited: (exit: HostExit) => void = () => undefined) {
    this.#machine = machine;
    this.#number = machine.startHost({
      message: (message) => {
        this.#onMessage(message);
      },
      exit: (exit) => {
        exited(exit);
        for (const listener of this.#onExit) listener(exit.code ?? -1);
      },
    });
  }

  postMessage(message: unknown): void {
    this.#machine.send({ type: 'toHost', host: this.#number, message });
  }
  kill(): void {
    this.signal('SIGKILL');
  }
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGSEGV'): void {
    this.#machine.send({ type: 'killHost', host: this.#number, signal });
  }
  onMessage(listener: (message: unknown) => void): void {
    this.#onMessage = listener;
  }
  onExit(listener: (code: number) => void): void {
    this.#onExit.push(listener);
  }
}
