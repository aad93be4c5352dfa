import type { Clock } from '../../shared/clock.ts';
import { decodeScaleCommand, encodeScaleWeight } from '../../devices/protocol/scale-hid.ts';
import type { World } from '../world.ts';
import type { Emulator } from './line.ts';
import type { ScaleManners } from './scale-manners.ts';

export interface ScaleOptions {
  readonly clock: Clock;
  readonly world: World;
  readonly manners: ScaleManners;
  /** One whole input report towards the kiosk, id included. */
  readonly send: (report: Uint8Array) => void;
}

/** Such scales report all the time, some times a second. */
export const scaleReportEveryMs = 200;
/** How long the figure is on the move after something was taken or put down. */
export const scaleSettleMs = 600;
/** The shelf by which its manners are known. */
const wholeCabinet = 1;
/** More than a report's 16 bits of grams could say. */
const scaleLimitG = 60_000;

/** A USB HID scale under all goods of the cabinet, in grams, as the other end of its cable. */
export class Scale implements Emulator {
  readonly #options: ScaleOptions;
  readonly #stopWatching: () => void;
  #cancelReport: () => void = () => undefined;
  #zeroG = 0;
  #loadG: number;
  #movedMs = Number.NEGATIVE_INFINITY;

  constructor(options: ScaleOptions) {
    this.#options = options;
    const { world, clock } = options;
    this.#loadG = world.gramsInside();
    this.#stopWatching = world.onChange(() => {
      if (world.gramsInside() === this.#loadG) return;
      this.#loadG = world.gramsInside();
      this.#movedMs = clock.monotonicMs();
    });
    this.#report();
  }

  receive(report: Uint8Array): void {
    const command = decodeScaleCommand(report);
    // A scale does not zero a load that moves.
    if (command.ok && command.value.zero && !this.#isMoving) this.#zeroG = this.#loadG;
  }

  /** The zero is kept over a loss of power; a pulled cable only ends the reports, and nobody receives them then anyway. */
  powerOff(): void {
    return;
  }

  close(): void {
    this.#cancelReport();
    this.#stopWatching();
  }

  get #isMoving(): boolean {
    return this.#options.clock.monotonicMs() - this.#movedMs < scaleSettleMs;
  }

  #report(): void {
    const { manners } = this.#options;
    const netG = manners.weigh(wholeCabinet, this.#loadG - this.#zeroG);
    const usual = { type: 'weight', reportId: 3, unit: 'gram', exponent: 0, padding: 0 } as const;
    const isOver = this.#loadG > scaleLimitG;
    const status = isOver
      ? 'over_limit'
      : netG < 0
        ? 'under_zero'
        : this.#isMoving || manners.isShaking(wholeCabinet)
          ? 'in_motion'
          : netG === 0
            ? 'zero'
            : 'stable';
    this.#options.send(encodeScaleWeight({ ...usual, status, value: isOver ? 0 : Math.abs(netG) }));
    this.#cancelReport = this.#options.clock.after(scaleReportEveryMs, () => {
      this.#report();
    });
  }
}

/** HID has no check: a status that does not exist is sent instead, which makes the report as useless. */
export function spoilScaleReport(report: Uint8Array): Uint8Array {
  return report.map((byte, i) => (i === 1 ? 0x7f : byte));
}
