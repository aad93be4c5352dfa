import sharp from 'sharp';
import type { Picture, Region } from '../../src/core/vision/picture.ts';
import { SeededRandom } from '../../src/shared/random.ts';
import type { SlotTruth } from '../../src/testkit/core/goods/pair-counts.ts';

/**
 * Shelves that are composed of cut-outs, before and after a visit, as a camera would see them: goods that shake, contact
 * shadows, a camera that moves, light, bands of shadow, glare, blur, noise, JPEG. No photograph of a shelf.
 */
export interface CutOut {
  readonly sku: string;
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, and how much of it is there. */
  readonly rgba: Uint8Array;
}

interface Item {
  readonly goods: CutOut;
  readonly x: number;
  readonly y: number;
  readonly scale: number;
  readonly turn: number;
  readonly gain: number;
}

export interface ShelfPair {
  readonly before: Picture;
  readonly after: Picture;
  readonly slots: readonly SlotTruth[];
}

export const shelfWidth = 960;
export const shelfHeight = 540;
const columns = 6;
const rows = 2;
const itemHeight = 190;
const slotWidth = shelfWidth / columns;
const full = 0.8;
const nudged = 0.15;
const pixels = shelfWidth * shelfHeight;

/** Where the change of a slot is looked for, and what of it is looked at to say what it is. */
export const slotRegions = Array.from({ length: rows * columns }, (_, i) => {
  const x = ((i % columns) + 0.5) * slotWidth;
  const y = (Math.floor(i / columns) + 0.5) * (shelfHeight / rows) + 8;
  const around = (width: number, height: number): Region => ({
    left: x - width / 2,
    top: y - height / 2,
    width,
    height,
  });
  return { x, y, changes: around(124, 190), crop: around(220, 220) };
});

export class ShelfComposer {
  readonly #random: SeededRandom;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  /** A shelf with these in its slots (null: empty), as the cabinet's camera sees it when goods are enrolled. */
  async enrolment(goods: readonly (CutOut | null)[], hardness: number): Promise<Picture> {
    const items = goods.map((one, i) => (one === null ? null : this.#placed(one, i)));
    return this.#shot(this.#drawn(this.#background(), items), hardness);
  }

  async pair(sold: readonly CutOut[], foreign: readonly CutOut[]): Promise<ShelfPair> {
    const random = this.#random;
    const background = this.#background();
    const before = slotRegions.map((_, i) =>
      random.chance(full) ? this.#placed(one(random, sold), i) : null,
    );
    const after = [...before];
    const touched = new Set<number>();
    const foreignSlots = new Set<number>();
    const pick = (isFull: boolean): number | undefined =>
      random.shuffled([...after.keys()]).find((i) => !touched.has(i) && (after[i] !== null) === isFull);
    const put = (slot: number | undefined, goods: CutOut | null): void => {
      if (slot === undefined) return;
      after[slot] = goods === null ? null : this.#placed(goods, slot);
      touched.add(slot);
    };
    const count = [0, 1, 1, 1, 2, 3][random.between(0, 5)] ?? 0;
    for (let k = 0; k < count; k++) {
      const kind = random.unit();
      const [taken, free] = [pick(true), pick(false)];
      if (kind < 0.62) put(taken, null);
      else if (kind < 0.77) put(free, one(random, sold));
      else if (kind < 0.87) {
        if (taken === undefined || free === undefined) continue;
        const goods = after[taken]?.goods ?? null;
        put(taken, null);
        put(free, goods);
      } else if (kind < 0.94) {
        const other = one(random, sold);
        if (taken !== undefined && after[taken]?.goods !== other) put(taken, other);
      } else if (free !== undefined && foreign.length > 0) {
        put(free, one(random, foreign));
        foreignSlots.add(free);
      }
    }
    const nudgedSlots = new Set<number>();
    after.forEach((item, i) => {
      if (item === null || touched.has(i)) return;
      if (random.chance(nudged)) {
        after[i] = this.#moved(item, 14, 3, 0.08);
        nudgedSlots.add(i);
      } else if (random.chance(0.3)) after[i] = this.#moved(item, 2, 1.5, 0);
    });
    return {
      before: await this.#shot(this.#drawn(background, before), 0.35),
      after: await this.#shot(this.#drawn(background, after), 1),
      slots: slotRegions.map((_, i) => ({
        before: before[i]?.goods.sku ?? null,
        after: after[i]?.goods.sku ?? null,
        isForeign: foreignSlots.has(i),
        isNudged: nudgedSlots.has(i),
      })),
    };
  }

  #between(low: number, high: number): number {
    return low + (high - low) * this.#random.unit();
  }

  #placed(goods: CutOut, slot: number): Item {
    const { x, y } = slotRegions[slot]!;
    return {
      goods,
      x: x + this.#between(-7, 7),
      y: y + this.#between(-5, 5),
      scale:
        Math.min(itemHeight / goods.height, (slotWidth * 0.92) / goods.width) * this.#between(0.93, 1.05),
      turn: this.#between(-0.06, 0.06),
      gain: this.#between(0.88, 1.08),
    };
  }

  #moved(item: Item, right: number, down: number, turn: number): Item {
    return {
      ...item,
      x: item.x + this.#between(-right, right),
      y: item.y + this.#between(-down, down),
      turn: item.turn + this.#between(-turn, turn),
    };
  }

  #background(): Float32Array {
    const canvas = new Float32Array(3 * pixels);
    const light = this.#between(90, 170);
    const tint = [this.#between(0.95, 1.05), 1, this.#between(0.93, 1.07)];
    for (let y = 0; y < shelfHeight; y++) {
      const down = (y / (shelfHeight / rows)) % 1;
      for (let x = 0; x < shelfWidth; x++) {
        let value = light * (1.1 - 0.35 * down) + 10 * Math.sin((x / shelfWidth) * Math.PI);
        if (down > 0.93) value *= 0.55;
        if (x % slotWidth < 2) value *= 0.8;
        const grain = this.#noise(3);
        for (let c = 0; c < 3; c++) canvas[3 * (y * shelfWidth + x) + c] = value * tint[c]! + grain;
      }
    }
    return canvas;
  }

  /** About normal. */
  #noise(sigma: number): number {
    const random = this.#random;
    return sigma * (random.unit() + random.unit() + random.unit() - 1.5) * 2;
  }

  #drawn(background: Float32Array, items: readonly (Item | null)[]): Float32Array {
    const canvas = background.slice();
    for (const item of items) {
      if (item === null) continue;
      contactShadow(canvas, item);
      paste(canvas, item);
    }
    return canvas;
  }

  /** `hardness`: 0 a still camera in steady light, 1 as bad as it may be. */
  async #shot(canvas: Float32Array, hardness: number): Promise<Picture> {
    const random = this.#random;
    const between = (low: number, high: number): number => this.#between(low, high);
    const turn = between(-0.007, 0.007) * hardness;
    const scale = 1 + between(-0.004, 0.004) * hardness;
    const [right, down] = [between(-5, 5) * hardness, between(-5, 5) * hardness];
    const exposure = Math.exp(between(-0.25, 0.25) * hardness);
    const gains = [
      exposure * (1 + between(-0.08, 0.08) * hardness),
      exposure,
      exposure * (1 + between(-0.08, 0.08) * hardness),
    ];
    const bands = Array.from({ length: random.chance(0.6 * hardness) ? random.between(1, 2) : 0 }, () => {
      const angle = between(0, Math.PI);
      const [across, below] = [Math.cos(angle), Math.sin(angle)];
      const at =
        between(0.2, 0.8) * shelfWidth * Math.abs(across) + between(0.2, 0.8) * shelfHeight * Math.abs(below);
      return { across, below, at, width: between(60, 220), depth: between(0.12, 0.4) * hardness };
    });
    const glare = random.chance(0.3 * hardness)
      ? {
          x: between(0, shelfWidth),
          y: between(0, shelfHeight),
          radius: between(20, 70),
          light: between(30, 110),
        }
      : null;
    const noise = between(2, 5);
    const [cos, sin] = [Math.cos(turn) * scale, Math.sin(turn) * scale];
    const rgb = new Uint8ClampedArray(3 * pixels);
    for (let y = 0; y < shelfHeight; y++)
      for (let x = 0; x < shelfWidth; x++) {
        const [dx, dy] = [x - shelfWidth / 2, y - shelfHeight / 2];
        const u = Math.min(shelfWidth - 1.001, Math.max(0, dx * cos - dy * sin + right + shelfWidth / 2));
        const v = Math.min(shelfHeight - 1.001, Math.max(0, dx * sin + dy * cos + down + shelfHeight / 2));
        const [left, top] = [Math.floor(u), Math.floor(v)];
        const [du, dv] = [u - left, v - top];
        let gain = 1;
        for (const band of bands) {
          const far = (x * band.across + y * band.below - band.at) / band.width;
          gain *= 1 - band.depth * Math.exp(-far * far);
        }
        const shine =
          glare === null
            ? 0
            : glare.light * Math.exp(-((x - glare.x) ** 2 + (y - glare.y) ** 2) / glare.radius ** 2);
        const at = 3 * (top * shelfWidth + left);
        const under = at + 3 * shelfWidth;
        for (let c = 0; c < 3; c++) {
          const value =
            (canvas[at + c]! * (1 - du) + canvas[at + 3 + c]! * du) * (1 - dv) +
            (canvas[under + c]! * (1 - du) + canvas[under + 3 + c]! * du) * dv;
          rgb[3 * (y * shelfWidth + x) + c] = value * gain * gains[c]! + shine + this.#noise(noise);
        }
      }
    const raw = { width: shelfWidth, height: shelfHeight, channels: 3 } as const;
    const blurred = sharp(rgb, { raw }).blur(between(0.4, 0.9));
    const jpeg = await blurred.jpeg({ quality: 85 }).toBuffer();
    return { width: shelfWidth, height: shelfHeight, rgb: await sharp(jpeg).raw().toBuffer() };
  }
}

function one<T>(random: SeededRandom, things: readonly T[]): T {
  return things[random.between(0, things.length - 1)]!;
}

function contactShadow(canvas: Float32Array, { goods, x, y, scale }: Item): void {
  const half = goods.width * scale * 0.5 + 6;
  const foot = Math.round(y + (goods.height * scale) / 2);
  for (let dy = -8; dy <= 8; dy++)
    for (let dx = Math.ceil(-half); dx <= half; dx++) {
      const [px, py] = [Math.round(x) + dx, foot + dy];
      const far = (dx / half) ** 2 + (dy / 8) ** 2;
      if (px < 0 || py < 0 || px >= shelfWidth || py >= shelfHeight || far >= 1) continue;
      for (let c = 0; c < 3; c++) canvas[3 * (py * shelfWidth + px) + c]! *= 1 - 0.35 * (1 - far);
    }
}

function paste(canvas: Float32Array, { goods, x, y, scale, turn, gain }: Item): void {
  const { width, height, rgba } = goods;
  const [cos, sin] = [Math.cos(turn) / scale, Math.sin(turn) / scale];
  const reach = Math.ceil((Math.hypot(width, height) * scale) / 2) + 1;
  for (let py = Math.max(0, Math.floor(y - reach)); py <= Math.min(shelfHeight - 1, y + reach); py++)
    for (let px = Math.max(0, Math.floor(x - reach)); px <= Math.min(shelfWidth - 1, x + reach); px++) {
      const u = (px - x) * cos + (py - y) * sin + width / 2 - 0.5;
      const v = -(px - x) * sin + (py - y) * cos + height / 2 - 0.5;
      if (u < -1 || v < -1 || u > width || v > height) continue;
      const [left, top] = [Math.floor(u), Math.floor(v)];
      let [red, green, blue, there] = [0, 0, 0, 0];
      for (let k = 0; k < 4; k++) {
        const [sx, sy] = [left + (k & 1), top + (k >> 1)];
        if (sx < 0 || sy < 0 || sx >= width || sy >= height) continue;
        const weight = (k & 1 ? u - left : 1 - u + left) * (k >> 1 ? v - top : 1 - v + top);
        const at = 4 * (sy * width + sx);
        const part = (rgba[at + 3]! / 255) * weight;
        red += rgba[at]! * part;
        green += rgba[at + 1]! * part;
        blue += rgba[at + 2]! * part;
        there += part;
      }
      if (there < 0.004) continue;
      const at = 3 * (py * shelfWidth + px);
      canvas[at] = canvas[at]! * (1 - there) + Math.min(255 * there, red * gain);
      canvas[at + 1] = canvas[at + 1]! * (1 - there) + Math.min(255 * there, green * gain);
      canvas[at + 2] = canvas[at + 2]! * (1 - there) + Math.min(255 * there, blue * gain);
    }
}
