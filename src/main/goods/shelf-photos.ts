import { referencesEnough } from '../../core/vision/gallery.ts';
import type { Clock } from '../../shared/clock.ts';
import type { PhotoFault } from '../../shared/model/goods-photo.ts';
import type { PhotosView } from '../../shared/model/goods-photo.schema.ts';
import type { GoodsOrder, GoodsReport } from '../../shared/model/goods-view.schema.ts';
import type { ShelfCamera } from '../../shared/model/shelf-camera.ts';
import type { Random } from '../../shared/random.ts';
import { type Failure, type Result, fail, ok } from '../../shared/result.ts';
import type { GoodsMemory } from './goods-memory.ts';
import { orderNonce } from './order-nonce.ts';

export const photoLimits = {
  /** From the touch to the picture: a cold computer starts the view, the camera and the network meanwhile, ms. */
  waitMs: 30_000,
  /** Without another photo the cameras go off, ms. */
  openMs: 180_000,
  /** Photos that may be taken back. */
  undoMax: 60,
} as const;

/** By how many pictures something was known before, and is after it. */
interface Counts {
  readonly before: number;
  readonly after: number;
}
type Learned = NonNullable<ReturnType<GoodsMemory['learn']>>;
type Still = Extract<GoodsReport, { kind: 'still' }>;

export interface ShelfPhotosOptions {
  readonly cameras: readonly ShelfCamera[];
  readonly memory: GoodsMemory;
  readonly clock: Clock;
  readonly random: Pick<Random, 'bytes'>;
  /** A visit has the cameras. */
  readonly isTaken: () => boolean;
  /** There is another order, or none. */
  readonly onOrder: () => void;
}

/**
 * Photos of articles at the cabinet's screen, by the cameras and the recogniser of visits: what they teach goes where visits put what
 * they have learned, by the same rules. A slot is seen empty first; an article is what has come into it since. Nothing of it outlives
 * the session but what was learned.
 */
export class ShelfPhotos {
  readonly #o: ShelfPhotosOptions;
  #order: GoodsOrder | null = null;
  #now: PhotosView['now'] = null;
  #undos: { readonly sku: string | null; readonly undo: Learned['undo'] }[] = [];
  #wanted: ((still: Still | null) => void) | null = null;
  #cancelEnd: () => void = () => undefined;

  constructor(options: ShelfPhotosOptions) {
    this.#o = options;
  }

  /** What the cameras are to do now; null: they are off. */
  get order(): GoodsOrder | null {
    return this.#order;
  }

  /** Null: no camera is set up. */
  view(): PhotosView | null {
    const { cameras, memory } = this.#o;
    if (cameras.length === 0) return null;
    const articles = memory.gallery?.articles ?? [];
    return {
      cameras: cameras.map(({ id, slots }) => ({ id, slots })),
      known: articles.map(({ sku, references: { length: count } }) => ({
        ...{ sku, count, isEnough: count >= referencesEnough },
      })),
      now: this.#now,
      undoCount: this.#undos.length,
    };
  }

  /** One photo; `sku` null: of the slot without goods. By how many the article was known before, and is after it. */
  async take(
    cameraId: string,
    slot: number,
    sku: string | null,
  ): Promise<Result<Counts, Failure<PhotoFault>>> {
    const { cameras, memory, isTaken } = this.#o;
    const camera = cameras.find(({ id }) => id === cameraId);
    if (camera?.slots[slot] === undefined) return fail('no_slot', cameraId);
    if (isTaken() || this.#wanted !== null) return fail('visit', cameraId);
    const { nonce, round } = this.#order ?? {};
    const isSame = this.#now?.camera === cameraId && this.#now.slot === slot;
    if (sku === null)
      this.#now = { camera: cameraId, slot, jpeg: null, isSeenEmpty: false, kept: 0, twins: [] };
    else if (!isSame || this.#now?.isSeenEmpty !== true || nonce === undefined)
      return fail('no_empty', cameraId);
    const still = await this.#ask({
      ...{ phase: 'still', round: sku === null ? 0 : (round ?? 0) + 1 },
      nonce: sku === null || nonce === undefined ? orderNonce(this.#o.random) : nonce,
      cameras: [{ camera, stood: memory.stood(camera), teaches: [{ slot, sku }] }],
    });
    return this.#learned(still, slot, sku);
  }

  /** The last photo is forgotten. By how many its article (an empty slot) was known before, and is after it. */
  undo(): Result<Counts, Failure<'nothing_waits' | 'storage'>> {
    const { memory } = this.#o;
    const last = this.#undos.pop();
    if (last === undefined) return fail('nothing_waits', 'nothing is left to take back');
    const before = memory.countOf(last.sku);
    const undone = last.undo();
    if (undone === 'changed') {
      this.#undos = [];
      return fail('nothing_waits', 'more was learned since');
    }
    const now = this.#now;
    if (now !== null && last.sku !== null) this.#now = { ...now, kept: Math.max(0, now.kept - 1), twins: [] };
    if (undone === 'storage') return fail('storage', 'not on the disk');
    return ok({ before, after: memory.countOf(last.sku) });
  }

  /** Nobody stands there any more. */
  end(): void {
    this.#undos = [];
    this.#now = null;
    this.#off();
  }

  /** What the view says. `stale`: not of the order that holds now. */
  report(nonce: string, report: GoodsReport): Result<null, Failure<'stale'>> {
    if (this.#order?.nonce !== nonce) return fail('stale', 'not the order that holds');
    const [of] = this.#order.cameras;
    if (report.camera !== of?.camera.id) return fail('stale', 'another camera');
    const { round } = this.#order;
    // It is not there, or does not start: no picture will come.
    if (report.kind === 'camera' && report.trouble !== null)
      this.#wanted?.({ ...report, kind: 'still', round, why: report.trouble, jpeg: null, seen: null });
    if (report.kind === 'still' && report.round === round) this.#wanted?.(report);
    return ok(null);
  }

  /** The view has died, or does not load. What it had seen of the empty slot is gone with it. */
  viewGone(): void {
    if (this.#now !== null) this.#now = { ...this.#now, isSeenEmpty: false };
    this.#off();
  }

  #learned(still: Still | null, slot: number, sku: string | null): Result<Counts, Failure<PhotoFault>> {
    const { memory } = this.#o;
    const now = this.#now;
    // It came too late, the view is gone, or nobody stands there any more.
    if (still === null || now === null) return fail('off', 'no picture');
    this.#now = { ...now, jpeg: still.jpeg };
    const { seen, why } = still;
    if (why !== null) return fail(why, 'it says nothing');
    if (seen?.slot !== slot || seen.descriptor.length < 100) return fail('off', 'nothing of the slot');
    const before = memory.countOf(sku);
    const isWanted = sku !== null || memory.wants(null);
    const session = this.#order?.nonce ?? '';
    const learned = isWanted ? memory.learn(seen.headVersion, sku, seen.descriptor, session) : null;
    if (sku !== null && learned === null) return fail('unlike', 'the others contradict it');
    if (learned !== null) {
      this.#undos = [...this.#undos, { sku, undo: learned.undo }].slice(-photoLimits.undoMax);
      if (!learned.isKept) {
        // What is not on the disk does not count until the next start either.
        this.#undos.pop()?.undo();
        return fail('storage', 'not on the disk');
      }
    }
    this.#now =
      sku === null
        ? { ...this.#now, isSeenEmpty: true }
        : { ...this.#now, kept: now.kept + 1, twins: [...memory.twinsOf(sku)] };
    return ok({ before, after: memory.countOf(sku) });
  }

  /** Null: none came in time. */
  async #ask(order: GoodsOrder): Promise<Still | null> {
    const { clock, onOrder } = this.#o;
    this.#cancelEnd();
    this.#order = order;
    const still = await new Promise<Still | null>((resolve) => {
      const cancel = clock.after(photoLimits.waitMs, () => this.#wanted?.(null));
      this.#wanted = (one) => {
        this.#wanted = null;
        cancel();
        resolve(one);
      };
      onOrder();
    });
    if (this.#order === order) this.#cancelEnd = clock.after(photoLimits.openMs, () => this.viewGone());
    return still;
  }

  #off(): void {
    this.#cancelEnd();
    this.#wanted?.(null);
    if (this.#order === null) return;
    this.#order = null;
    this.#o.onOrder();
  }
}
