import type { FusedEstimator } from './fusion/fused-estimator.ts';
import type { Observation } from './inventory-estimator.ts';

/** After the door has shut a bill waits no longer than that for a picture, ms. */
export const pictureWaitMs = 2_000;

/** What the cameras inside have said in a visit, before the fused estimator; a camera that has said nothing lowers certainty alone. */
export class ShelfPictures {
  readonly #fused: FusedEstimator;
  readonly #cameras: ReadonlySet<string>;
  /** They have a picture from before the door opened, and none yet from after it. */
  readonly #awaited = new Set<string>();
  readonly #said = new Set<string>();

  constructor(fused: FusedEstimator, cameras: ReadonlySet<string>) {
    this.#fused = fused;
    this.#cameras = cameras;
  }

  startVisit(): void {
    this.#awaited.clear();
    this.#said.clear();
  }

  /** False: no camera of ours. */
  observe(observation: Extract<Observation, { kind: 'image' }>): boolean {
    const { deviceId, atMs, says } = observation;
    if (!this.#cameras.has(deviceId)) return false;
    this.#awaited.delete(deviceId);
    if (says === 'after') {
      this.#said.add(deviceId);
      this.#fused.observe({ kind: 'pictures', deviceId, atMs, views: observation.views });
      return true;
    }
    this.#forget(deviceId, atMs);
    if (says === 'before') this.#awaited.add(deviceId);
    return true;
  }

  /** It was not the end: what was seen says nothing of what is there now. */
  doorOpened(): void {
    for (const deviceId of [...this.#said]) {
      this.#forget(deviceId, this.#fused.nowMs);
      this.#awaited.add(deviceId);
    }
  }

  /** A picture may still come; `shutForMs`: for so long the door has been shut. */
  isAwaited(shutForMs: number): boolean {
    return this.#awaited.size > 0 && shutForMs < pictureWaitMs;
  }

  #forget(deviceId: string, atMs: number): void {
    this.#said.delete(deviceId);
    this.#fused.observe({ kind: 'lost', deviceId, atMs });
  }
}
