import type { Clock } from '../../shared/clock.ts';

/** How often the light is ordered on again: much sooner than it would go off by itself, so that a lost order costs little. */
export const lightRenewEveryMs = 5_000;

export interface CameraLightOptions {
  readonly clock: Clock;
  /** An order for the camera stands. */
  readonly isWanted: () => boolean;
  readonly setLight: (on: boolean) => void;
}

/** The light at the camera: on exactly while an order for the camera stands. */
export class CameraLight {
  readonly #o: CameraLightOptions;
  #isOn = false;
  #cancelRenewal: () => void = () => undefined;

  constructor(options: CameraLightOptions) {
    this.#o = options;
  }

  /** To be called whenever an order may have begun or ended; that nobody is told of an end is noticed at the next renewal. */
  look(): void {
    const { isWanted, setLight } = this.#o;
    const isOn = isWanted();
    if (isOn === this.#isOn) return;
    this.#isOn = isOn;
    this.#cancelRenewal();
    setLight(isOn);
    if (isOn) this.#renewLater();
  }

  #renewLater(): void {
    const { clock, setLight } = this.#o;
    this.#cancelRenewal = clock.after(lightRenewEveryMs, () => {
      this.look();
      if (!this.#isOn) return;
      setLight(true);
      this.#renewLater();
    });
  }
}
