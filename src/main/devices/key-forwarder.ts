import type { Clock } from '../../shared/clock.ts';
import type { CabinetDevices } from '../../shared/model/device.ts';
import { type KeyPress, keyPressSchema } from '../../shared/model/scanner-spec.ts';

/** Keys a second that are forwarded: a scanner types at most some 100 (10 ms a key, press and release). */
export const keysPerSecondMax = 400;

/** What Electron's `before-input-event` says, as far as it matters. */
export interface WindowKey {
  readonly type: string;
  readonly key: string;
  readonly code: string;
  readonly isComposing: boolean;
}

/** Whether a scanner of this cabinet is heard by what it types into the window, and not through a connection of its own. */
export function hasKeyboardScanner(cabinet: CabinetDevices): boolean {
  return cabinet.devices.some((one) => one.kind === 'code-scanner' && one.transport.kind === 'keyboard');
}

/** Hands the keys of the kiosk's window to the scanner that types there. */
export class KeyForwarder {
  readonly #clock: Clock;
  readonly #send: (presses: readonly KeyPress[]) => void;
  #windowMs = Number.NEGATIVE_INFINITY;
  #count = 0;

  constructor(clock: Clock, send: (presses: readonly KeyPress[]) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /** False when the key was too much or is none. */
  key(input: WindowKey): boolean {
    const atMs = this.#clock.monotonicMs();
    if (atMs - this.#windowMs >= 1000) {
      this.#windowMs = atMs;
      this.#count = 0;
    }
    if (++this.#count > keysPerSecondMax) return false;
    const type = { keyDown: 'down', keyUp: 'up' }[input.type];
    const { key, code, isComposing: composing } = input;
    const press = keyPressSchema.safeParse({ type, key, code, composing, atMs });
    if (press.success) this.#send([press.data]);
    return press.success;
  }
}
