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
  readonly #options: CameraLightOptions;
  #isOn = false;
  #cancelRenewal: () => void = () => undefined;

  constructor(options: CameraLightOptions) {
    this.#options = options;
  }

  /** To be called whenever an order may have begun or ended; that nobody is told of an end is noticed at the next renewal. */
  update(): void {
    const { isWanted, setLight } = this.#options;
    const isOn = isWanted();
    if (isOn === this.#isOn) return;
    this.#isOn = isOn;
    this.#cancelRenewal();
    setLight(isOn);
    if (isOn) this.#renewLater();
  }

  #renewLater(): void {
    const { clock, setLight } = this.#options;
    this.#cancelRenewal = clock.after(lightRenewEveryMs, () => {
      this.update();
      if (!this.#isOn) return;
      setLight(true);
      this.#renewLater();
    });
  }
}
