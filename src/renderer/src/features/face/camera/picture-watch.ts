import type { CameraTrouble } from '../../../../../shared/model/face-view.ts';

/** A picture is sampled this often. */
export const watchEveryMs = 250;
/** 1.5 s; counted in samples, not in time: a page that was held up itself takes one late sample instead of many. */
export const blackSampleCount = 6;
/** 3 s: a busy machine may hold up the camera's process for a second or two, and the page with its timers not. */
export const stillSampleCount = 12;
/** 3 s: an opened camera may need a moment for its first picture. */
export const firstPictureSampleCount = 12;

/** A grey value that the noise of a covered sensor stays below: each value is the mean of a hundred pixels. */
const darkBelow = 20;
const litShareMin = 0.01;

/** `busy`: opened, but no first picture comes. */
export type PictureState = 'live' | Extract<CameraTrouble, 'black' | 'frozen' | 'busy'>;

/**
 * Tells from small grey copies whether a camera really shows something. A real sensor always has noise, so two equal
 * pictures are one picture. What is bad for as many samples as above is said; one good sample takes it back.
 */
export class PictureWatch {
  #state: PictureState | null = null;
  #before: Uint8Array | null = null;
  #still = 0;
  #black = 0;

  /** The answer of the last sample; null: not decided yet. */
  get state(): PictureState | null {
    return this.#state;
  }

  /** `grey` null: no new picture since the last sample. */
  sample(grey: Uint8Array | null): PictureState | null {
    const fresh = grey !== null && (this.#before === null || !isSamePicture(grey, this.#before));
    if (grey !== null) this.#before = grey;
    this.#still = fresh ? 0 : this.#still + 1;
    if (fresh) this.#black = isBlack(grey) ? this.#black + 1 : 0;
    if (fresh && this.#black === 0) this.#state = 'live';
    else if (this.#before === null && this.#still >= firstPictureSampleCount) this.#state = 'busy';
    else if (this.#before !== null && this.#still >= stillSampleCount) this.#state = this.#lasting();
    else if (this.#black >= blackSampleCount) this.#state = 'black';
    return this.#state;
  }

  /** Black again and again and the same: a lens cap on a camera without noise is black, not frozen. */
  #lasting(): PictureState {
    return this.#before !== null && isBlack(this.#before) ? 'black' : 'frozen';
  }
}

/** Of two small grey copies: nothing has moved, not even the noise. */
export function isSamePicture(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

function isBlack(grey: Uint8Array): boolean {
  const lit = grey.reduce((n, value) => (value >= darkBelow ? n + 1 : n), 0);
  return lit < grey.length * litShareMin;
}
