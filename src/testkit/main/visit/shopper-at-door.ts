import type { Bill } from '../../../core/basket/basket.ts';
import type { DoorState } from '../../../shared/model/device.ts';
import { minor } from '../../../shared/money.ts';
import { CabinetRig, tagsOf } from './cabinet-rig.ts';

const pieceCount = 12;
const priceMinor = minor(100);
/** The lock is asked for its door so often, ms; after so long without an answer it says that it does not know. */
const pollMs = 200;
const lockSilentMs = 2_500;
/** Antennas go blind this long before anything else happens: longer than a contact may say "open" too late. */
const blindAheadMs = 5_000;

/** Each tag is of an article of its own, so that a bill says which piece it names. */
export const skuOfTag = (epc: string): string => `P${epc.slice(-2)}`;

/**
 * What truly happens at a cabinet, and what its devices can tell of it: a door that is open or shut, whether the lock is read
 * or not; goods that are taken, or that no antenna hears. Everything by the numbers of one seed, in virtual time.
 */
export class ShopperAtDoor {
  readonly #rig: CabinetRig;
  readonly #blind = new Set<string>();
  readonly #taken = new Set<string>();
  readonly #story: string[] = [];
  #bill: Bill | null = null;
  #shownMinor = 0;
  #unlockedAtMs = 0;
  #isOpen = false;
  #isLockHeard = true;
  /** When the lock was last read, ms; null: not since it is connected, or it was lost. */
  #lastReadMs: number | null = null;
  #told: DoorState = 'unknown';
  #shutSinceMs = 0;

  constructor(seed: number) {
    const rig = new CabinetRig({ count: pieceCount, readsPerSecond: 200, p: 0.95, seed });
    const [product] = rig.catalog.products;
    if (product === undefined) throw new Error('the catalogue is empty');
    const tags = tagsOf(pieceCount);
    rig.catalog = {
      ...rig.catalog,
      products: tags.map((epc) => ({ ...product, sku: skuOfTag(epc), priceMinor })),
      tags: tags.map((epc) => ({ epc, sku: skuOfTag(epc) })),
    };
    for (const reader of rig.readers) reader.hears = (epc) => !this.#blind.has(epc);
    this.#rig = rig;
  }

  remove(): void {
    this.#rig.remove();
  }

  /** The next number of the seed, 0 to 1. */
  random(): number {
    return this.#rig.random();
  }

  oneOf<T>(choices: readonly T[]): T {
    const choice = choices[Math.floor(this.random() * choices.length)];
    if (choice === undefined) throw new Error('nothing to choose from');
    return choice;
  }

  /** Tags of what the shopper took. */
  get taken(): string[] {
    return [...this.#taken];
  }

  /** The bill of the visit; null: none was made. */
  get bill(): Bill | null {
    return this.#bill;
  }

  get billed(): string[] {
    return tagsIn(this.#bill?.lines);
  }

  get held(): string[] {
    return tagsIn(this.#bill?.heldLines);
  }

  /** What staff was told. */
  get alarms(): readonly string[] {
    return this.#rig.alarms;
  }

  /** The number on the screen as the door shut; no bound where the door was found shut after a restart. */
  get shownMinor(): number {
    return this.#shownMinor;
  }

  /** What happened, in words. */
  get story(): string {
    return this.#story.join(', ');
  }

  get #nowMs(): number {
    return this.#rig.clock.monotonicMs();
  }

  /** The bolt still waits for a hand. */
  isInTime(): boolean {
    return this.#nowMs - this.#unlockedAtMs < 8_000;
  }

  /** The cabinet has been at work for a minute; a member is let in, and has not pulled yet. */
  async comeIn(): Promise<void> {
    this.#rig.start();
    await this.#pass(60_000);
    if (!(await this.#rig.scan())) throw new Error('nobody is let in');
    this.#unlockedAtMs = this.#nowMs;
  }

  async wait(ms: number): Promise<void> {
    this.#story.push(`${ms} ms`);
    await this.#pass(ms);
  }

  pull(): void {
    this.#story.push('pulls');
    this.#isOpen = true;
  }

  takeSome(): void {
    const hand = tagsOf(pieceCount).filter(
      (epc) => this.random() < 2 / pieceCount && this.#rig.inside.has(epc) && !this.#blind.has(epc),
    );
    this.#story.push(`takes ${hand.map(skuOfTag).join(' ')}`);
    for (const epc of hand) {
      this.#rig.inside.delete(epc);
      this.#taken.add(epc);
    }
  }

  shut(): void {
    this.#story.push('shuts');
    this.#isOpen = false;
  }

  /** The lock is heard again; the visit ends, and there is time to tell of what is missing. */
  async leave(): Promise<void> {
    this.#isLockHeard = true;
    await this.wait(200_000);
  }

  loseOrFindLock(): Promise<void> {
    this.#isLockHeard = !this.#isLockHeard;
    this.#story.push(this.#isLockHeard ? 'lock heard' : 'lock silent');
    return Promise.resolve();
  }

  async endHost(): Promise<void> {
    this.#story.push('host ends');
    this.#rig.loop.deviceEvent({ type: 'hostGone' });
    await this.#beginAnew();
  }

  async cutPower(): Promise<void> {
    this.#story.push('power cut');
    await this.#rig.restart(2_000, () => undefined, 'unknown');
    await this.#beginAnew();
  }

  async #beginAnew(): Promise<void> {
    [this.#lastReadMs, this.#told] = [null, 'unknown'];
    await this.#rig.run(1_000);
    this.#look();
  }

  /** Only while the door is read as shut: what falls silent at any other moment is not told from what is taken. */
  async blindSome(): Promise<void> {
    const isReadShut = this.#told === 'closed' && this.#isLockHeard && !this.#isOpen;
    if (!isReadShut || this.#taken.size > 0 || this.#nowMs - this.#shutSinceMs < 600) return;
    for (const epc of tagsOf(pieceCount)) if (this.random() < 2 / pieceCount) this.#blind.add(epc);
    this.#story.push(`unheard ${[...this.#blind].map(skuOfTag).join(' ')}`);
    await this.#pass(blindAheadMs);
  }

  hearAll(): Promise<void> {
    this.#story.push('all are heard');
    this.#blind.clear();
    return Promise.resolve();
  }

  async #pass(ms: number): Promise<void> {
    for (let leftMs = ms; leftMs > 0; leftMs -= pollMs) {
      await this.#rig.run(Math.min(leftMs, pollMs));
      this.#look();
      this.#poll();
    }
  }

  #poll(): void {
    const unreadMs = this.#lastReadMs === null ? undefined : this.#nowMs - this.#lastReadMs;
    if (this.#isLockHeard) {
      this.#lastReadMs = this.#nowMs;
      this.#tell(this.#isOpen ? 'open' : 'closed', unreadMs);
    } else if (unreadMs !== undefined && unreadMs >= lockSilentMs) {
      this.#lastReadMs = null;
      this.#tell('unknown', unreadMs);
    }
  }

  #tell(door: DoorState, unreadMs: number | undefined): void {
    if (door === this.#told) return;
    this.#told = door;
    if (door === 'closed') this.#shutSinceMs = this.#nowMs;
    this.#rig.door(door, unreadMs);
    this.#look();
  }

  /** What stands on the screen. */
  #look(): void {
    const { state, context } = this.#rig.loop.visit;
    this.#bill = context.bill ?? this.#bill;
    if (state === 'recovering') this.#shownMinor = Number.POSITIVE_INFINITY;
    if (state === 'unlocking') this.#shownMinor = 0;
    if (['shopping', 'confirmed', 'ajar'].includes(state)) this.#shownMinor = context.basket.totalMinor;
  }
}

function tagsIn(lines: Bill['lines'] = []): string[] {
  return lines.map(({ sku }) => tagsOf(pieceCount).find((epc) => skuOfTag(epc) === sku) ?? sku);
}
