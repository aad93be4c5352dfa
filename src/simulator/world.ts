import { assert } from '../shared/assert.ts';
import type { Clock } from '../shared/clock.ts';
import type { Catalog } from '../shared/model/catalog.schema.ts';
import { fail, ok } from '../shared/result.ts';
import type { Failure, Result } from '../shared/result.ts';
import type { SeededRandom } from '../shared/random.ts';

/** What a hand at the cabinet may be refused, and why. */
export type WorldErrorCode =
  | 'bolted' // pulled, but the bolt is in
  | 'door_is_open'
  | 'door_is_closed' // the goods are behind it
  | 'no_such_item' // nothing there (or in the hand) that fits
  | 'no_such_shelf'
  | 'duplicate_tag' // that number hangs on another item already
  | 'cabinet_full';
export type WorldFailure = Failure<WorldErrorCode>;

export type Door = 'open' | 'closed';
export type Bolt = 'locked' | 'released';
/** `hand`: outside the cabinet, with the shopper (or long gone). */
export type Place = 'shelf' | 'wrong_shelf' | 'hand';

export interface Item {
  readonly epc: string;
  /** Null: nobody knows what it is. */
  readonly sku: string | null;
  readonly place: Place;
  /** Counted from the top, from 1; null while in the hand. */
  readonly shelf: number | null;
  /** A hand or a can is before the tag: it is hardly ever read. */
  readonly covered: boolean;
  /** Not of this cabinet's stock: a shopper brought it. */
  readonly foreign: boolean;
}

export interface WorldOptions {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly catalog: Catalog;
  /** How long the coil is energised by a plain open command. */
  readonly pulseMs?: number;
  /**
   * How long the tripped latch stays back after the pulse when nobody pulls; then it locks by itself, as the motor locks
   * of such cabinets do. A little less than the 15 s that the screen gives, so that "locked again" is true by then.
   * 0 = the bolt is back in with the end of the pulse (a plain solenoid).
   */
  readonly latchHoldMs?: number;
  /** The shelves are shared out among the doors from the top: one behind each, or as many. */
  readonly doorCount?: number;
}

/** One door with its bolt. */
interface Leaf {
  door: Door;
  bolt: Bolt;
  cancelRelock: () => void;
}

export const defaultPulseMs = 500;
export const defaultLatchHoldMs = 14_000;
const productsPerShelf = 3;
const goodsMax = 500;
const foreignEpcBytes = 12;
/** What nobody knows weighs something too. */
const unknownItemG = 250;

/** The cabinet as it stands in the shop: door, bolt, goods and light. Knows no device, no byte and no kiosk. */
export class World {
  readonly #clock: Clock;
  readonly #random: SeededRandom;
  readonly #catalog: Catalog;
  readonly #homeShelf: ReadonlyMap<string, number>;
  readonly #latchHoldMs: number;
  readonly #listeners = new Set<() => void>();
  readonly pulseMs: number;
  readonly shelfCount: number;
  readonly #leaves: readonly Leaf[];
  #isLightOn = false;
  #goods: Item[] = [];
  readonly #torn = new Set<string>();

  constructor(options: WorldOptions) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#catalog = options.catalog;
    this.pulseMs = options.pulseMs ?? defaultPulseMs;
    this.#latchHoldMs = options.latchHoldMs ?? defaultLatchHoldMs;
    this.#leaves = Array.from({ length: options.doorCount ?? 1 }, () => ({
      door: 'closed',
      bolt: 'locked',
      cancelRelock: () => undefined,
    }));
    const skus = options.catalog.products.map((product) => product.sku);
    this.shelfCount = Math.ceil(skus.length / productsPerShelf);
    this.#homeShelf = new Map(skus.map((sku, i) => [sku, Math.floor(i / productsPerShelf) + 1]));
    this.#fill();
  }

  /** Of all doors as one: open while any is. */
  get door(): Door {
    return this.#leaves.some(({ door }) => door === 'open') ? 'open' : 'closed';
  }
  /** Of all as one: released while any is. */
  get bolt(): Bolt {
    return this.#leaves.some(({ bolt }) => bolt === 'released') ? 'released' : 'locked';
  }
  /** Each door, the first one first. */
  get doors(): readonly { readonly door: Door; readonly bolt: Bolt }[] {
    return this.#leaves;
  }
  /** The light at the camera. */
  get isLightOn(): boolean {
    return this.#isLightOn;
  }
  /** All items, in and out of the cabinet; the order is that of the catalogue's tags. */
  get goods(): readonly Item[] {
    return this.#goods;
  }
  /** Items inside the cabinet: what a tag reader can hear. */
  get inside(): readonly Item[] {
    return this.#goods.filter((item) => item.place !== 'hand');
  }

  /** What a tag reader can hear: what is inside, and tags that were torn off and stay when their piece leaves. */
  get heard(): readonly Item[] {
    return this.#goods.filter((item) => item.place !== 'hand' || this.#torn.has(item.epc));
  }

  /** What the goods inside weigh, or those of one shelf (from 1). */
  gramsInside(shelf?: number): number {
    return this.inside
      .filter((item) => shelf === undefined || item.shelf === shelf)
      .reduce((sum, { sku }) => sum + (sku === null ? unknownItemG : this.#weightOf(sku)), 0);
  }

  /** What stands on which shelf, when everything is where it belongs. */
  get planogram(): readonly { readonly shelf: number; readonly skus: readonly string[] }[] {
    const home = [...this.#homeShelf];
    return Array.from({ length: this.shelfCount }, (_, i) => ({
      shelf: i + 1,
      skus: home.flatMap(([sku, shelf]) => (shelf === i + 1 ? [sku] : [])),
    }));
  }

  /** Called after each change; the returned function ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** The coil of this door's lock gets current for `ms` (the board did it, not a person). Says nothing about the door. */
  energise(ms: number = this.pulseMs, door = 1): void {
    assert(ms > 0, 'a pulse has a length');
    const leaf = this.#leafOf(door);
    leaf.cancelRelock();
    leaf.bolt = 'released';
    leaf.cancelRelock = this.#clock.after(ms + this.#latchHoldMs, () => {
      this.#relatch(leaf);
    });
    this.#changed();
  }

  /** Current until `releaseHold` (firmware option of the board). */
  hold(door = 1): void {
    const leaf = this.#leafOf(door);
    leaf.cancelRelock();
    leaf.bolt = 'released';
    this.#changed();
  }

  releaseHold(door = 1): void {
    const leaf = this.#leafOf(door);
    leaf.cancelRelock();
    this.#relatch(leaf);
  }

  /** The light at the camera gets current, or none any more. */
  setLight(isOn: boolean): void {
    this.#isLightOn = isOn;
    this.#changed();
  }

  /** A person pulls the handle of this door; of one that is unlocked when it is not said. */
  pull(door?: number): Result<void, WorldFailure> {
    const shut = this.#leaves.filter((leaf) => leaf.door === 'closed');
    const leaf =
      door === undefined ? (shut.find(({ bolt }) => bolt === 'released') ?? shut[0]) : this.#leafOf(door);
    if (leaf?.door !== 'closed') return fail('door_is_open', 'the door is open already');
    if (leaf.bolt === 'locked') return fail('bolted', 'the bolt is in: the door does not move');
    leaf.cancelRelock();
    leaf.door = 'open';
    this.#changed();
    return ok();
  }

  /** Opens the door although it is bolted (crowbar, or a lock that did not catch). */
  force(door = 1): Result<void, WorldFailure> {
    const leaf = this.#leafOf(door);
    if (leaf.door === 'open') return fail('door_is_open', 'the door is open already');
    leaf.door = 'open';
    this.#changed();
    return ok();
  }

  /** Shuts this door, or one that is open when it is not said; the latch catches. */
  close(door?: number): Result<void, WorldFailure> {
    const leaf = door === undefined ? this.#leaves.find((one) => one.door === 'open') : this.#leafOf(door);
    if (leaf?.door !== 'open') return fail('door_is_closed', 'the door is shut already');
    leaf.cancelRelock();
    leaf.door = 'closed';
    leaf.bolt = 'locked';
    this.#changed();
    return ok();
  }

  /** Takes out one item: this one, or any of that product. */
  take(which: ItemChoice): Result<Item, WorldFailure> {
    return this.#byHand(which, (item) => item.place !== 'hand', {
      place: 'hand',
      shelf: null,
      covered: false,
    });
  }

  /** Puts an item from the hand back: where it belongs, or on the shelf that is given. */
  putBack(which: ItemChoice & { readonly shelf?: number | undefined }): Result<Item, WorldFailure> {
    if (which.shelf !== undefined && !this.#isShelf(which.shelf)) {
      return fail('no_such_shelf', `there are ${this.shelfCount} shelves`);
    }
    const item = this.#find(which, (one) => one.place === 'hand');
    const home = item?.sku == null ? undefined : this.#homeShelf.get(item.sku);
    const shelf = which.shelf ?? home ?? this.#shelfInReach ?? this.shelfCount;
    if (this.#isShut(shelf)) return fail('door_is_closed', 'the door is shut');
    const place = home === undefined || shelf === home ? 'shelf' : 'wrong_shelf';
    return this.#byHand(which, (one) => one.place === 'hand', { place, shelf });
  }

  /** Puts in something that was not the cabinet's: with this tag, or a tag nobody has seen. */
  putForeign(what: ForeignItem): Result<Item, WorldFailure> {
    if (what.shelf !== undefined && !this.#isShelf(what.shelf)) {
      return fail('no_such_shelf', `there are ${this.shelfCount} shelves`);
    }
    const shelf = what.shelf ?? this.#shelfInReach;
    if (shelf === undefined || this.#isShut(shelf)) return fail('door_is_closed', 'the door is shut');
    if (this.#goods.length >= goodsMax) return fail('cabinet_full', `more than ${goodsMax} items`);
    if (what.epc !== undefined && this.#goods.some((item) => item.epc === what.epc)) {
      return fail('duplicate_tag', `${what.epc} hangs on an item of this cabinet`);
    }
    const item: Item = {
      epc: what.epc ?? this.#freshEpc(),
      sku: what.sku ?? null,
      place: 'shelf',
      shelf,
      covered: false,
      foreign: true,
    };
    this.#goods.push(item);
    this.#changed();
    return ok(item);
  }

  /** Something stands between tag and antenna (a hand, a can); works through a closed door too. */
  cover(which: ItemChoice): Result<Item, WorldFailure> {
    return this.#change(which, (item) => item.place !== 'hand' && !item.covered, { covered: true });
  }

  /** Its tag comes off, and lies in the cabinet from now on, wherever the item goes. */
  tearOff(which: ItemChoice): Result<Item, WorldFailure> {
    const item = this.#find(which, (one) => one.place !== 'hand' && !this.#torn.has(one.epc));
    if (item === undefined) return fail('no_such_item', 'no item fits');
    this.#torn.add(item.epc);
    return ok(item);
  }

  /** Tags that lie about without their goods are gone. */
  sweepOut(): void {
    this.#torn.clear();
    this.#changed();
  }

  uncover(which: ItemChoice): Result<Item, WorldFailure> {
    return this.#change(which, (item) => item.covered, { covered: false });
  }

  /**
   * As after a restocking: all goods at home, nothing foreign, nothing covered. Door and bolt stay as they are: behind a shut
   * door the kiosk holds for three minutes what has come so (docs/decisions/0122-nothing-comes-through-a-shut-door.md).
   */
  restock(): void {
    this.#fill();
    this.#changed();
  }

  #weightOf(sku: string): number {
    return this.#catalog.products.find((product) => product.sku === sku)?.weightG ?? unknownItemG;
  }

  #fill(): void {
    this.#torn.clear();
    this.#goods = this.#catalog.tags.map(({ epc, sku }) => ({
      epc,
      sku,
      place: 'shelf',
      shelf: this.#homeShelf.get(sku) ?? this.shelfCount,
      covered: false,
      foreign: false,
    }));
  }

  #byHand(
    which: ItemChoice,
    fits: (item: Item) => boolean,
    change: Partial<Item>,
  ): Result<Item, WorldFailure> {
    if (this.door === 'closed') return fail('door_is_closed', 'the door is shut');
    const inReach = (item: Item): boolean => item.shelf === null || !this.#isShut(item.shelf);
    const item = this.#find(which, fits);
    if (item !== undefined && !this.#find(which, (one) => fits(one) && inReach(one))) {
      return fail('door_is_closed', 'the door before it is shut');
    }
    return this.#change(which, (one) => fits(one) && inReach(one), change);
  }

  #change(
    which: ItemChoice,
    fits: (item: Item) => boolean,
    change: Partial<Item>,
  ): Result<Item, WorldFailure> {
    const old = this.#find(which, fits);
    if (old === undefined) return fail('no_such_item', 'no item fits');
    const item: Item = { ...old, ...change };
    this.#goods = this.#goods.map((one) => (one === old ? item : one));
    this.#changed();
    return ok(item);
  }

  #find(which: ItemChoice, fits: (item: Item) => boolean): Item | undefined {
    return this.#goods.find(
      (item) => ('epc' in which ? item.epc === which.epc : item.sku === which.sku) && fits(item),
    );
  }

  /** Which door is before this shelf, from 1. */
  doorOf(shelf: number): number {
    return Math.ceil((shelf * this.#leaves.length) / this.shelfCount);
  }

  #isShut(shelf: number): boolean {
    return this.#leafOf(this.doorOf(shelf)).door === 'closed';
  }

  /** The lowest shelf behind an open door. */
  get #shelfInReach(): number | undefined {
    const shelves = Array.from({ length: this.shelfCount }, (_, i) => this.shelfCount - i);
    return shelves.find((shelf) => !this.#isShut(shelf));
  }

  #leafOf(door: number): Leaf {
    const leaf = this.#leaves[door - 1];
    assert(leaf !== undefined, `there is no door ${door}`);
    return leaf;
  }

  #relatch(leaf: Leaf): void {
    if (leaf.door === 'closed') leaf.bolt = 'locked';
    this.#changed();
  }

  #isShelf(shelf: number): boolean {
    return Number.isInteger(shelf) && shelf >= 1 && shelf <= this.shelfCount;
  }

  /** Raw chip number as cheap labels carry it: E280 1160 … */
  #freshEpc(): string {
    const hex = [...this.#random.bytes(foreignEpcBytes - 4)].map((b) => b.toString(16).padStart(2, '0'));
    return `E2801160${hex.join('').toUpperCase()}`;
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

export type ItemChoice = { readonly epc: string } | { readonly sku: string };
export interface ForeignItem {
  readonly epc?: string | undefined;
  readonly sku?: string | undefined;
  readonly shelf?: number | undefined;
}
