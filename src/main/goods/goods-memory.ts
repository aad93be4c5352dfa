import { z } from 'zod';
import {
  article,
  galleryFrom,
  referencesEnough,
  referencesMax,
  twinsOf,
  withReference,
} from '../../core/vision/gallery.ts';
import {
  type GalleryMessage,
  type StoodPicture,
  galleryMessageSchema,
  goodsOrderSchema,
} from '../../shared/model/goods-view.schema.ts';
import { type ShelfCamera, shelfCamerasMax, slotsOfCameraMax } from '../../shared/model/shelf-camera.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { MetaStore } from '../storage/meta-store.ts';

const stoodSchema = goodsOrderSchema.shape.cameras.element.shape.stood.unwrap();
const memorySchema = z.object({
  gallery: galleryMessageSchema.nullable(),
  /** By camera: the settings that it stood under, and how it stood. */
  stood: z.record(z.string(), z.object({ settings: z.string(), picture: stoodSchema })),
});
type Memory = z.infer<typeof memorySchema>;

const emptySku = 'empty';
/** As many as all cameras can look at: what was learned longest ago goes. */
const articlesMax = shelfCamerasMax * slotsOfCameraMax;
/** Cameras that were called otherwise, or are gone, among them. */
const stoodMax = 4 * shelfCamerasMax;

/**
 * What this cabinet's own cameras have seen: how articles look, and how each camera stood when it was set up. Numbers, and small
 * grey pictures of shelf alone. Losing it costs certainty until it is learned again, nothing else.
 */
export class GoodsMemory {
  readonly #store: Pick<MetaStore, 'get' | 'set'>;
  readonly #logger: Logger;
  #memory: Memory;

  constructor(store: Pick<MetaStore, 'get' | 'set'>, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
    this.#memory = this.#load();
  }

  get gallery(): GalleryMessage | null {
    return this.#memory.gallery;
  }

  /** How this camera stood; null: it was never seen, or is set otherwise since. */
  stood(camera: ShelfCamera): StoodPicture | null {
    const kept = this.#memory.stood[camera.id];
    return kept?.settings === JSON.stringify(camera) ? kept.picture : null;
  }

  setStood(camera: ShelfCamera, picture: StoodPicture): void {
    const others = Object.entries(this.#memory.stood).filter(([id]) => id !== camera.id);
    const stood = { settings: JSON.stringify(camera), picture };
    this.#memory.stood = { ...Object.fromEntries(others.slice(1 - stoodMax)), [camera.id]: stood };
    this.#save();
  }

  /** More should be known of it; null: of an empty slot. */
  wants(sku: string | null): boolean {
    return this.countOf(sku) < referencesEnough;
  }

  /** By how many pictures it is known; null: an empty slot. */
  countOf(sku: string | null): number {
    return referencesOf(this.#memory.gallery, sku).length;
  }

  /** Articles that pictures alone never tell from this one. */
  twinsOf(sku: string): readonly string[] {
    const { gallery } = this.#memory;
    if (gallery === null) return [];
    return twinsOf(galleryFrom(gallery, numbersOf)).flatMap(([one, other]) =>
      one === sku ? [other] : other === sku ? [one] : [],
    );
  }

  /**
   * This is how it looks. One that the others contradict is not taken (core/vision/gallery.ts): null. Else what takes it back, as long
   * as nothing else was learned.
   */
  learn(
    headVersion: string,
    sku: string | null,
    descriptor: string,
    session: string,
  ): { readonly isKept: boolean; readonly undo: () => 'done' | 'changed' | 'storage' } | null {
    const before = this.#memory.gallery;
    // Descriptors of two heads say nothing to each other.
    const gallery =
      before?.headVersion === headVersion ? before : { headVersion, articles: [], empty: [] as string[] };
    const known = referencesOf(gallery, sku);
    const references = withOne(known, descriptor, session);
    if (references === known) return null;
    const after: GalleryMessage =
      sku === null
        ? { ...gallery, empty: references }
        : {
            ...gallery,
            articles: [...gallery.articles.filter((one) => one.sku !== sku), { sku, references }].slice(
              -articlesMax,
            ),
          };
    return {
      isKept: this.#keep(after),
      undo: () => {
        if (this.#memory.gallery !== after) return 'changed';
        return this.#keep(before) ? 'done' : 'storage';
      },
    };
  }

  /** False: it is known, and not on the disk. */
  #keep(gallery: GalleryMessage | null): boolean {
    this.#memory.gallery = gallery;
    return this.#save();
  }

  #load(): Memory {
    const nothing: Memory = { gallery: null, stood: {} };
    const kept = this.#store.get('goods_looks');
    if (!kept.ok || kept.value === null) return nothing;
    try {
      return memorySchema.parse(JSON.parse(kept.value));
    } catch (error) {
      this.#logger.error('goods.looks_unreadable', { error: String(error).slice(0, 200) });
      return nothing;
    }
  }

  #save(): boolean {
    const kept = this.#store.set('goods_looks', JSON.stringify(this.#memory));
    if (!kept.ok) this.#logger.warn('goods.looks_not_kept', { error: kept.error });
    return kept.ok;
  }
}

function referencesOf(gallery: GalleryMessage | null, sku: string | null): string[] {
  if (sku === null) return gallery?.empty ?? [];
  return gallery?.articles.find((one) => one.sku === sku)?.references ?? [];
}

/** The same list when the others contradict it. */
function withOne(known: string[], descriptor: string, session: string): string[] {
  const [first, ...others] = known;
  const reference = (text: string, of = ''): { descriptor: Float32Array; session: string } => ({
    descriptor: numbersOf(text),
    session: of,
  });
  if (first === undefined) return [descriptor];
  const article0 = article(emptySku, [reference(first), ...others.map((one) => reference(one))]);
  const after = withReference(article0, reference(descriptor, session));
  if (after === article0) return known;
  return [...known, descriptor].slice(-referencesMax);
}

function numbersOf(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~3)));
}
