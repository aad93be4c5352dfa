import type { Clock } from '../../shared/clock.ts';
import { sleep } from '../../shared/clock.ts';
import type { GoodsOrder, GoodsReport } from '../../shared/model/goods-view.schema.ts';
import type { Gallery } from './gallery.ts';
import type { Descriptor } from './head.ts';
import { type Picture, type Region, grey } from './picture.ts';
import { ShelfWatch } from './shelf-watch.ts';

export const shelfEyeLimits = {
  /** Pictures of which the sharpest is kept, so far apart, ms. */
  pictureCount: 3,
  pictureEveryMs: 120,
  /** While the door is open, ms. */
  lookEveryMs: 500,
  /** After the door has shut the light inside settles first, ms. */
  settleMs: 300,
} as const;

/** Looks at crops with the recogniser of this head. */
export interface GoodsSeer {
  readonly headVersion: string;
  see(picture: Picture, region: Region): Promise<Descriptor>;
}

export interface ShelfEyeOptions {
  readonly clock: Clock;
  /** The newest picture of this camera; null: it gives none. */
  readonly grab: (camera: string) => Promise<Picture | null>;
  /** The recogniser, once it has started; null: it does not start. */
  readonly seer: () => Promise<GoodsSeer | null>;
  readonly gallery: () => Gallery | null;
  readonly jpegOf: (picture: Picture) => Promise<string | null>;
  readonly base64Of: (bytes: Uint8Array) => string;
  readonly pictureOf: (stood: NonNullable<GoodsOrder['cameras'][number]['stood']>) => Picture;
  readonly say: (nonce: string, report: GoodsReport) => void;
}

/** What main has ordered is done camera by camera, one after the other: one picture is worked on at a time. */
export class ShelfEye {
  readonly #o: ShelfEyeOptions;
  #order: GoodsOrder | null = null;
  readonly #watches = new Map<string, ShelfWatch>();
  /** Cameras that have a picture from before. */
  readonly #hasBefore = new Set<string>();
  readonly #last = new Map<string, Picture>();
  #isRunning = false;
  /** Phase and round that are done for all cameras. */
  #done = '';

  constructor(options: ShelfEyeOptions) {
    this.#o = options;
  }

  setOrder(order: GoodsOrder | null): void {
    if (order?.nonce !== this.#order?.nonce) {
      this.#watches.clear();
      this.#hasBefore.clear();
      this.#last.clear();
      this.#done = '';
    }
    this.#order = order;
    void this.#run();
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (let order = this.#order; order !== null; order = this.#order) {
        const step = `${order.nonce} ${order.phase} ${order.round}`;
        if (this.#done === step && order.phase !== 'open') break;
        if (order.phase === 'open') await this.#lookOnce(order);
        else {
          if (order.phase === 'after') await sleep(this.#o.clock, shelfEyeLimits.settleMs);
          if (order.phase === 'still') await this.#still(order);
          else await this.#takeAll(order);
        }
        if (this.#order === order) this.#done = step;
      }
    } finally {
      this.#isRunning = false;
    }
  }

  #isOver(order: GoodsOrder): boolean {
    return (
      this.#order?.nonce !== order.nonce ||
      this.#order.phase !== order.phase ||
      this.#order.round !== order.round
    );
  }

  async #takeAll(order: GoodsOrder): Promise<void> {
    const taken = new Map<string, Picture[]>();
    for (const { camera } of order.cameras) {
      if (this.#isOver(order)) return;
      taken.set(camera.id, await this.#takeSome(camera.id));
    }
    for (const one of order.cameras) {
      if (this.#isOver(order)) return;
      const pictures = taken.get(one.camera.id) ?? [];
      if (order.phase === 'before') await this.#before(order, one, pictures);
      else await this.#after(order, one, pictures);
    }
    if (order.phase !== 'after') return;
    for (const one of order.cameras) {
      if (this.#isOver(order)) return;
      await this.#learn(order, one);
    }
  }

  async #takeSome(camera: string): Promise<Picture[]> {
    const pictures: Picture[] = [];
    for (let n = 0; n < shelfEyeLimits.pictureCount; n++) {
      if (n > 0) await sleep(this.#o.clock, shelfEyeLimits.pictureEveryMs);
      const picture = await this.#o.grab(camera);
      if (picture !== null) pictures.push(picture);
    }
    return pictures;
  }

  async #before(
    { nonce }: GoodsOrder,
    { camera, stood }: GoodsOrder['cameras'][number],
    pictures: readonly Picture[],
  ): Promise<void> {
    const takenMs = this.#o.clock.monotonicMs();
    const watch = this.#watchOf(camera, stood);
    const { trouble } = watch.before(pictures);
    const agoMs = this.#o.clock.monotonicMs() - takenMs;
    this.#o.say(nonce, { kind: 'before', camera: camera.id, trouble, agoMs });
    if (trouble !== null) return;
    this.#hasBefore.add(camera.id);
    const { kept } = watch;
    if (stood === null && kept !== null) {
      const grey = this.#o.base64Of(Uint8Array.from(greyOf(kept)));
      this.#o.say(nonce, {
        kind: 'stood',
        camera: camera.id,
        stood: { width: kept.width, height: kept.height, grey },
      });
    }
    await this.#keep(nonce, camera.id, 'before', watch.picture('before'));
  }

  #watchOf(
    camera: GoodsOrder['cameras'][number]['camera'],
    stood: GoodsOrder['cameras'][number]['stood'],
  ): ShelfWatch {
    const watch = new ShelfWatch({
      camera,
      stood: stood === null ? null : this.#o.pictureOf(stood),
      see: async (picture, region) => {
        const seer = await this.#o.seer();
        if (seer === null) throw new Error('no recogniser');
        return seer.see(picture, region);
      },
    });
    this.#watches.set(camera.id, watch);
    return watch;
  }

  /** One picture of each camera; of the slot that is to be taught, what is seen in it. */
  async #still(order: GoodsOrder): Promise<void> {
    for (const one of order.cameras) {
      const pictures = await this.#takeSome(one.camera.id);
      if (this.#isOver(order)) return;
      const about = { kind: 'still', camera: one.camera.id, round: order.round } as const;
      try {
        this.#o.say(order.nonce, { ...about, ...(await this.#seen(one, pictures)) });
      } catch {
        // The recogniser does not start.
        this.#o.say(order.nonce, { ...about, why: 'off', jpeg: null, seen: null });
      }
    }
  }

  async #seen(
    { camera, stood, teaches }: GoodsOrder['cameras'][number],
    pictures: readonly Picture[],
  ): Promise<Pick<Extract<GoodsReport, { kind: 'still' }>, 'why' | 'jpeg' | 'seen'>> {
    const [teach] = teaches;
    // An article is shown beside the picture of its slot empty, which was taken first.
    const isArticle = teach !== undefined && teach.sku !== null;
    const kept = isArticle ? this.#watches.get(camera.id) : this.#watchOf(camera, stood);
    // This view was opened after it.
    if (kept === undefined) return { why: 'off', jpeg: null, seen: null };
    const put = isArticle ? await kept.put(pictures, teach.slot) : null;
    const why = put === null ? kept.before(pictures).trouble : put.why;
    const picture = kept.picture(put === null ? 'before' : 'after');
    const jpeg = picture === null ? null : await this.#o.jpegOf(picture);
    if (why !== null || teach === undefined) return { why, jpeg, seen: null };
    const found = put?.why === null ? put.seen : await kept.learn(teach.slot);
    const seer = await this.#o.seer();
    if (found === null || seer === null) return { why: 'off', jpeg, seen: null };
    const { headVersion } = seer;
    return { why, jpeg, seen: { headVersion, slot: teach.slot, descriptor: this.#textOf(found) } };
  }

  #textOf({ buffer, byteOffset, byteLength }: Descriptor): string {
    return this.#o.base64Of(new Uint8Array(buffer, byteOffset, byteLength));
  }

  async #lookOnce(order: GoodsOrder): Promise<void> {
    const { clock, grab, say } = this.#o;
    const beganMs = clock.monotonicMs();
    for (const { camera } of order.cameras) {
      const picture = await grab(camera.id);
      if (this.#isOver(order)) return;
      const watch = this.#watches.get(camera.id);
      if (picture === null)
        say(order.nonce, { kind: 'change', camera: camera.id, trouble: 'busy', shares: [] });
      else if (watch !== undefined) {
        const { trouble, shares } = watch.during(picture, this.#last.get(camera.id) ?? null);
        say(order.nonce, { kind: 'change', camera: camera.id, trouble, shares: [...shares] });
        this.#last.set(camera.id, picture);
      }
    }
    const leftMs = shelfEyeLimits.lookEveryMs - (clock.monotonicMs() - beganMs);
    // Never without a pause: a slow computer has other things to do.
    await sleep(clock, Math.max(leftMs, shelfEyeLimits.lookEveryMs / 4));
  }

  async #after(
    { nonce, round }: GoodsOrder,
    { camera }: GoodsOrder['cameras'][number],
    pictures: readonly Picture[],
  ): Promise<void> {
    const watch = this.#watches.get(camera.id);
    const gallery = this.#o.gallery();
    const who = { kind: 'after', camera: camera.id, round } as const;
    // Nothing to stand beside: main knows, and waits for none.
    if (watch === undefined || !this.#hasBefore.has(camera.id)) return;
    try {
      const headVersion = (await this.#o.seer())?.headVersion ?? null;
      const empty: Gallery = { headVersion: headVersion ?? '', articles: [], empty: null };
      // What another head has described says nothing to this one.
      const known = gallery !== null && gallery.headVersion === headVersion ? gallery : empty;
      const after = await watch.after(pictures, known);
      if (after.trouble !== null) this.#o.say(nonce, { ...who, trouble: after.trouble, views: [] });
      else this.#o.say(nonce, { ...who, trouble: null, views: after.views.map(rounded) });
    } catch {
      this.#o.say(nonce, { ...who, trouble: 'off', views: [] });
    }
    await this.#keep(nonce, camera.id, 'after', watch.picture('after'));
  }

  async #learn(
    { nonce, ...order }: GoodsOrder,
    { camera, teaches }: GoodsOrder['cameras'][number],
  ): Promise<void> {
    const watch = this.#watches.get(camera.id);
    if (watch === undefined || order.phase !== 'after') return;
    const seer = await this.#o.seer();
    if (seer === null) return;
    for (const { slot } of teaches) {
      const found = await watch.learn(slot);
      if (found === null) continue;
      const { headVersion } = seer;
      const about = { kind: 'learned', camera: camera.id, headVersion, slot } as const;
      this.#o.say(nonce, { ...about, descriptor: this.#textOf(found) });
    }
  }

  async #keep(
    nonce: string,
    camera: string,
    when: 'before' | 'after',
    picture: Picture | null,
  ): Promise<void> {
    const jpeg = picture === null ? null : await this.#o.jpegOf(picture);
    if (jpeg !== null) this.#o.say(nonce, { kind: 'picture', camera, when, jpeg });
  }
}

function greyOf(picture: Picture): readonly number[] {
  return Array.from(grey(picture).values, Math.round);
}

function rounded<T extends { changed: number; named: number }>(view: T): T {
  const bounded = (value: number): number => Math.min(1, Math.max(0, value));
  return { ...view, changed: bounded(view.changed), named: bounded(view.named) };
}
