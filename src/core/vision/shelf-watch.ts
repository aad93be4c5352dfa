import type { ShelfCamera } from '../../shared/model/shelf-camera.ts';
import type { ShelfCameraTrouble, StillFault } from '../../shared/model/shelf-watch.ts';
import type { View } from '../recognition/fusion/fused-observation.ts';
import type { Gallery } from './gallery.ts';
import type { Descriptor } from './head.ts';
import { masked } from './mask.ts';
import { type Picture, type Region, grey, resampled } from './picture.ts';
import { register } from './registration.ts';
import {
  type NoPair,
  type SlotFinding,
  type SlotRegions,
  changedShares,
  judgePair,
  laidOver,
} from './shelf-pair.ts';
import { viewsOfSlots } from './slot-view.ts';
import { changedFrom } from './slot-verdict.ts';
import { isMoved, sharpnessOf, unusableBecause } from './usable.ts';

/** A picture without any light at all is black; one with a little is dark. */
const blackMean = 12;
/** The picture by which it is known that a camera still stands as it did; so large. */
const keptWidth = 240;
/** Two views of one shelf agree more than that, whatever stands on it; another view gives 0.4 and less (ADR 0139). */
const agreementMin = 0.42;
/** What is looked at to say what is in a slot is a square, so much larger than the slot is high or wide. */
const cropSide = 1.16;

export type Looked = { readonly trouble: ShelfCameraTrouble } | { readonly trouble: null };

/** What the two pictures of a visit say. */
export type AfterVisit =
  | { readonly trouble: ShelfCameraTrouble }
  | { readonly trouble: null; readonly views: readonly View[]; readonly slots: readonly SlotFinding[] };

export interface ShelfWatchOptions {
  readonly camera: ShelfCamera;
  /** How it stood when it was set up, as `kept` gave it; null: it is seen for the first time. */
  readonly stood: Picture | null;
  readonly see: (picture: Picture, region: Region) => Promise<Descriptor>;
}

/**
 * One camera inside through one visit: the picture from before the door opened, what differs from it, the picture after. What
 * leaves it has nothing but the shelf on it (`picture`, `kept`). A picture that says nothing is a trouble, never "no change".
 */
export class ShelfWatch {
  readonly #options: ShelfWatchOptions;
  #before: Picture | null = null;
  #after: Picture | null = null;

  constructor(options: ShelfWatchOptions) {
    this.#options = options;
  }

  /** To be kept: nothing that is no shelf is on them. */
  picture(when: 'before' | 'after'): Picture | null {
    const picture = when === 'before' ? this.#before : this.#after;
    return picture === null ? null : masked(picture, this.#options.camera.shelf);
  }

  /** The door is still shut: these in a row. */
  before(pictures: readonly Picture[]): Looked {
    this.#before = this.#after = null;
    const best = sharpestOf(pictures);
    const trouble = best === null ? 'busy' : (troubleOf(pictures, best) ?? this.#isTurned(best));
    if (trouble !== null) return { trouble };
    this.#before = best;
    return { trouble: null };
  }

  /** The door is open; `before` it in time: the picture that was looked at last. */
  during(
    picture: Picture,
    last: Picture | null,
  ): { trouble: ShelfCameraTrouble | null; shares: readonly number[] } {
    const trouble = troubleOf(last === null ? [picture] : [last, picture], picture);
    if (trouble !== null || this.#before === null) return { trouble, shares: [] };
    const overlay = laidOver(this.#before, picture);
    // Hands and an open door are no trouble of the camera.
    if (overlay.kind === 'no-picture') return { trouble: null, shares: [] };
    const shares = changedShares(this.#before, overlay.later, this.#regions(picture));
    return { trouble: null, shares };
  }

  /** The door has shut: these in a row. */
  async after(pictures: readonly Picture[], gallery: Gallery): Promise<AfterVisit> {
    const [before, after] = [this.#before, sharpestOf(pictures)];
    const trouble = after === null ? 'busy' : troubleOf(pictures, after);
    if (trouble !== null) return { trouble };
    this.#after = after;
    if (before === null || after === null) return { trouble: 'busy' };
    const { camera, see } = this.#options;
    const slots = this.#regions(before);
    const findings = await judgePair({ before, after, slots, gallery, see });
    if (findings.kind === 'no-picture') return { trouble: troubleBecause(findings.why) };
    return { trouble: null, views: viewsOfSlots(camera.slots, findings.slots), slots: findings.slots };
  }

  /** What stood in this slot before the door opened; null: there is no picture. */
  async learn(slot: number): Promise<Descriptor | null> {
    const before = this.#before;
    const crop = before === null ? undefined : this.#regions(before)[slot]?.crop;
    return before === null || crop === undefined ? null : this.#options.see(before, crop);
  }

  /**
   * What stands in this slot now and did not in the picture from before, which is of it empty; or why these pictures say nothing.
   * Compared with itself empty: a picture of an empty slot never becomes the look of an article.
   */
  async put(
    pictures: readonly Picture[],
    slot: number,
  ): Promise<{ readonly why: StillFault } | { readonly why: null; readonly seen: Descriptor }> {
    const [before, now] = [this.#before, sharpestOf(pictures)];
    const trouble = now === null ? 'busy' : troubleOf(pictures, now);
    this.#after = now;
    const regions = before === null ? undefined : this.#regions(before)[slot];
    if (trouble !== null) return { why: trouble };
    if (before === null || now === null || regions === undefined) return { why: 'busy' };
    const overlay = laidOver(before, now);
    if (overlay.kind === 'no-picture') return { why: troubleBecause(overlay.why) };
    const [share = 0] = changedShares(before, overlay.later, [regions]);
    if (share < changedFrom) return { why: 'nothing' };
    return { why: null, seen: await this.#options.see(overlay.later, regions.crop) };
  }

  /** By which it is known later that the camera still stands as it does now: small and grey. */
  get kept(): Picture | null {
    const before = this.picture('before');
    if (before === null) return null;
    const { width, height } = before;
    const region = { left: 0, top: 0, width, height };
    return resampled(before, region, keptWidth, Math.round((height * keptWidth) / width));
  }

  #isTurned(picture: Picture): ShelfCameraTrouble | null {
    const { stood, camera } = this.#options;
    if (stood === null) return null;
    const found = register(stood, picture, camera.shelf);
    if (!found.ok || isMoved(found.value.similarity, stood.width)) return 'turned';
    return found.value.agreement < agreementMin ? 'turned' : null;
  }

  #regions({ width, height }: Picture): SlotRegions[] {
    return this.#options.camera.slots.map((slot) => {
      const changes = {
        left: slot.left * width,
        top: slot.top * height,
        width: slot.width * width,
        height: slot.height * height,
      };
      const side = cropSide * Math.max(changes.width, changes.height);
      const [x, y] = [changes.left + changes.width / 2, changes.top + changes.height / 2];
      return { changes, crop: { left: x - side / 2, top: y - side / 2, width: side, height: side } };
    });
  }
}

function sharpestOf(pictures: readonly Picture[]): Picture | null {
  let best: { picture: Picture; sharpness: number } | null = null;
  for (const picture of pictures) {
    const sharpness = sharpnessOf(picture);
    if (best === null || sharpness > best.sharpness) best = { picture, sharpness };
  }
  return best?.picture ?? null;
}

function troubleOf(pictures: readonly Picture[], best: Picture): ShelfCameraTrouble | null {
  if (isBlack(best)) return 'black';
  // A real sensor always has noise: two equal pictures are one.
  const [first, ...others] = pictures;
  if (first !== undefined && others.length > 0 && others.every((other) => isSame(first, other)))
    return 'frozen';
  const why = unusableBecause(best);
  return why === null ? null : troubleBecause(why);
}

function troubleBecause(why: NoPair): ShelfCameraTrouble {
  switch (why) {
    case 'dark':
      return 'dark';
    case 'bright':
    case 'clipped':
      return 'bright';
    case 'flat':
    case 'blurred':
      return 'unclear';
    case 'moved':
    case 'another-view':
    case 'no-match':
      return 'turned';
  }
}

function isBlack(picture: Picture): boolean {
  const { values } = grey(picture);
  return values.reduce((sum, value) => sum + value, 0) / values.length < blackMean;
}

function isSame(one: Picture, other: Picture): boolean {
  return one.rgb.length === other.rgb.length && one.rgb.every((value, i) => value === other.rgb[i]);
}
