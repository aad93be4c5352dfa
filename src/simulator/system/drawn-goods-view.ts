import type { Gallery } from '../../core/vision/gallery.ts';
import type { ShelfCamera } from '../../shared/model/shelf-camera.ts';
import { drawnEye } from '../../testkit/core/drawn-eye.ts';
import {
  type PictureFault,
  colourGallery,
  noisy,
  pictureFaults,
  shelfCamera,
  shelfWith,
} from '../../testkit/core/seen-shelf.ts';
import type { CabinetHarness } from './cabinet-harness.ts';

/** Which goods of the simulated cabinet are painted as which. */
const paintedAs = { 'rice-ball': 'TEA', 'cola-can': 'COLA' } as const;
type SeenSku = keyof typeof paintedAs;
const seenSkus = Object.keys(paintedAs) as SeenSku[];

/** A camera over the two articles that it sees. */
export const drawnCamera: ShelfCamera = {
  ...shelfCamera,
  slots: shelfCamera.slots.map((slot, i) => ({ ...slot, sku: seenSkus[i] ?? '' })),
};
const known = await colourGallery();
const gallery: Gallery = {
  ...known,
  articles: known.articles.map((one) => ({
    ...one,
    sku: seenSkus.find((sku) => paintedAs[sku] === one.sku) ?? one.sku,
  })),
};

/**
 * The hidden view of a cabinet of a test: what it does with pictures is the product's own, the pictures are drawn, and goods are told
 * by their colours. The first piece of an article stands in front; once any has left, its place is seen empty.
 */
export class DrawnGoodsView {
  /** How its camera fails. */
  fault: PictureFault | null = null;
  /** The view has died: nothing is heard of it. */
  isDead = false;
  /** What it saw is not so: it takes each place for empty. */
  isLying = false;
  readonly #harness: CabinetHarness;
  readonly #full = new Map<SeenSku, number>();

  constructor(harness: CabinetHarness) {
    this.#harness = harness;
    const { kiosk } = harness.process;
    for (const sku of seenSkus) this.#full.set(sku, this.#countOf(sku));
    const eye = drawnEye({
      clock: harness.clock,
      grab: () => Promise.resolve(this.#picture()),
      gallery: () => gallery,
      say: (nonce, report) => {
        if (!this.isDead) kiosk.goodsEyes.report(nonce, report);
      },
    });
    kiosk.goodsEyes.changed.add(() => {
      if (!this.isDead) eye.setOrder(kiosk.goodsEyes.order());
    });
  }

  #countOf(sku: SeenSku): number {
    return this.#harness.world.inside.filter((item) => item.sku === sku).length;
  }

  #picture() {
    const there = seenSkus.map((sku) => {
      const isFull = this.#countOf(sku) >= (this.#full.get(sku) ?? 0);
      return isFull && !this.isLying ? paintedAs[sku] : null;
    });
    const picture = shelfWith(...there);
    return this.fault === null ? noisy(picture) : pictureFaults[this.fault](picture);
  }
}
