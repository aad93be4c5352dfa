import type { SeededRandom } from '../../shared/random.ts';
import type { Item } from '../world.ts';
import type { CabinetHarness } from './cabinet-harness.ts';
import { type FaultCase, faultCases } from './faults.ts';

/** Longest that a shopper waits for a cabinet that does not invite, and for the bolt after the code, ms. */
const patienceMs = 12_000;
/** The latch waits 14.5 s for a hand. */
const latestPullMs = 14_000;
/** Longest that something stays broken, ms. */
const brokenMaxMs = 9_000;
/** A reader that gave no reading in visit after visit shows for 90 s that it can, before anything is sold again (ADR 0096). */
const serviceMaxMs = 300_000;
const itemsMax = 5;
/** When fewer goods are left, somebody fills the cabinet up. */
const restockBelow = 6;
/** The reader has been round several times. */
const readAgainMs = 6_000;

export interface DayCounts {
  visits: number;
  opened: number;
  kills: number;
  faults: number;
  forced: number;
}

/** One cabinet's life for a while: shopper after shopper, with everything that can go wrong. All chance from `random`. */
export class RandomDay {
  readonly count: DayCounts = { visits: 0, opened: 0, kills: 0, faults: 0, forced: 0 };
  readonly #harness: CabinetHarness;
  readonly #random: SeededRandom;

  constructor(harness: CabinetHarness, random: SeededRandom) {
    this.#harness = harness;
    this.#random = random;
  }

  /** One shopper, and afterwards a cabinet in order again. */
  async visit(): Promise<void> {
    this.count.visits++;
    this.#harness.record(`-- visit ${this.count.visits}`);
    if (this.#random.chance(0.04)) await this.#burglar();
    await Promise.all([this.#shopper(), this.#trouble()]);
    await this.#harness.until(
      'in service, nobody here',
      () => this.#harness.running && this.#harness.state === 'attract',
      serviceMaxMs,
    );
    await this.#fillUp();
  }

  // The shopper.

  async #shopper(): Promise<void> {
    const harness = this.#harness;
    if (!(await this.#comesIn())) return;
    this.count.opened++;
    const inHand: Item[] = [];
    await this.#browses(inHand);
    if (this.#random.chance(0.7)) {
      // Looks at the screen first, if there is one to look at.
      await harness.sleep(this.#random.between(0, 2_500));
      if (harness.running) harness.confirm();
      if (this.#random.chance(0.2)) await this.#moves(inHand);
    }
    if (this.#random.chance(0.06)) {
      // Leaves the door open; somebody else helps himself.
      await harness.sleep(this.#random.between(5_000, 12_000));
      if (this.#random.chance(0.5)) await this.#moves(inHand);
    }
    await harness.sleep(this.#random.between(20, 2_000));
    harness.shopper.shut();
    if (this.#random.chance(0.3)) await this.#taps();
  }

  /** True in front of an open door. */
  async #comesIn(): Promise<boolean> {
    const harness = this.#harness;
    const random = this.#random;
    if (!(await this.#within(patienceMs, () => harness.running && harness.state === 'attract'))) return false;
    if (random.chance(0.5)) {
      harness.chooseCode();
      await harness.sleep(random.between(0, 3_000));
    }
    await harness.shopper.present(random.chance(0.5) ? 'M1001' : 'M1002');
    if (!(await this.#within(patienceMs, () => harness.world.bolt === 'released'))) return false;
    // Walks away from an unlocked door.
    if (random.chance(0.05)) return false;
    await harness.sleep(random.chance(0.85) ? random.between(0, 1_500) : random.between(0, latestPullMs));
    return harness.shopper.pull();
  }

  async #browses(inHand: Item[]): Promise<void> {
    const moves = this.#random.between(0, itemsMax);
    for (let i = 0; i < moves; i++) await this.#moves(inHand);
  }

  async #moves(inHand: Item[]): Promise<void> {
    const { shopper } = this.#harness;
    await this.#harness.sleep(this.#random.between(30, 1_800));
    const back = inHand.length > 0 && this.#random.chance(0.25) ? inHand.pop() : undefined;
    if (back !== undefined) {
      shopper.putBack(back);
      return;
    }
    if (this.#random.chance(0.05)) {
      shopper.putForeign();
      return;
    }
    const sku = this.#random.shuffled(this.#harness.stockSkus)[0] ?? '';
    const item = shopper.tryTake(sku);
    if (item !== null) inHand.push(item);
  }

  async #taps(): Promise<void> {
    const harness = this.#harness;
    const isDone = (): boolean =>
      harness.running && (harness.state === 'receipt' || harness.state === 'nothingCharged');
    if ((await this.#within(patienceMs, isDone)) && harness.running) harness.finish();
  }

  // Trouble.

  async #trouble(): Promise<void> {
    const count = this.#random.chance(0.25) ? 0 : this.#random.chance(0.7) ? 1 : 2;
    await Promise.all(Array.from({ length: count }, () => this.#oneTrouble()));
  }

  async #oneTrouble(): Promise<void> {
    const harness = this.#harness;
    const random = this.#random;
    const fault = random.shuffled(faultCases)[0];
    const [afterMs, forMs] = [random.between(0, 16_000), random.between(50, brokenMaxMs)];
    if (fault === undefined) return;
    await harness.sleep(afterMs);
    // A dead program has no device host, and dies only once.
    if (!harness.running && (fault.part === 'kiosk' || fault.part === 'host')) return;
    this.#note(fault);
    fault.apply(harness);
    await harness.sleep(forMs);
    fault.repair(harness);
  }

  #note(fault: FaultCase): void {
    this.count.faults++;
    if (fault.part === 'kiosk') this.count.kills++;
  }

  // In between.

  /** A crowbar, while nobody shops: nobody is billed for what it brings. */
  async #burglar(): Promise<void> {
    const harness = this.#harness;
    this.count.forced++;
    harness.shopper.force();
    await harness.sleep(this.#random.between(50, 2_000));
    harness.shopper.tryTake('cola-can');
    await harness.sleep(this.#random.between(50, 2_000));
    harness.shopper.shut();
    await harness.until('in service again', () => harness.running && harness.state === 'attract');
    await harness.sleep(readAgainMs);
  }

  async #fillUp(): Promise<void> {
    const { world } = this.#harness;
    if (world.inside.filter((i) => !i.foreign).length >= restockBelow) return;
    this.#harness.record('filled up');
    world.restock();
    await this.#harness.sleep(readAgainMs);
  }

  /** False when it did not come to be in time. */
  async #within(maxMs: number, isSo: () => boolean): Promise<boolean> {
    try {
      await this.#harness.until('', isSo, maxMs);
      return true;
    } catch {
      return false;
    }
  }
}
