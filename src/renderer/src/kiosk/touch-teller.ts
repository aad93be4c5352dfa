import type { Clock } from '../../../shared/clock.ts';

export interface TouchTellerOptions {
  readonly clock: Clock;
  /** At most so often, ms. */
  readonly everyMs: number;
  /** A touch soon after one that was told waits for the end of that pause; false: it goes untold. */
  readonly isLateTold: boolean;
  /** Says whether anybody wanted to know: a touch that nobody did delays no other. */
  readonly tell: () => boolean;
}

/** Tells that somebody touches the screen: no touch is lost, and a finger that never rests is no storm of calls. */
export class TouchTeller {
  readonly #options: TouchTellerOptions;
  #toldMs = -Infinity;
  #cancelPending: (() => void) | null = null;

  constructor(options: TouchTellerOptions) {
    this.#options = options;
  }

  touched(): void {
    if (this.#cancelPending !== null) return;
    const { clock, everyMs, isLateTold } = this.#options;
    const pauseMs = this.#toldMs + everyMs - clock.monotonicMs();
    if (pauseMs <= 0) this.#say();
    else if (isLateTold) this.#cancelPending = clock.after(pauseMs, () => this.#say());
  }

  /** The screen has gone. */
  end(): void {
    this.#cancelPending?.();
    this.#cancelPending = null;
  }

  #say(): void {
    this.#cancelPending = null;
    if (this.#options.tell()) this.#toldMs = this.#options.clock.monotonicMs();
  }
}
