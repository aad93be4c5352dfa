import { changedFrom, type SlotVerdict } from '../../../core/vision/slot-verdict.ts';
import { quotient } from './tables.ts';

export interface SlotTruth {
  readonly before: string | null;
  readonly after: string | null;
  /** Something was put there that is none of the goods. */
  readonly isForeign: boolean;
  readonly isNudged: boolean;
}

/** What was said of a slot, and by how much of it had changed. */
export interface JudgedSlot {
  readonly truth: SlotTruth;
  readonly share: number;
  /** By its own two looks alone. */
  readonly alone: SlotVerdict;
  /** With what is known of the other slots (`accountedFor`). */
  readonly verdict: SlotVerdict;
}

/** What was right, wrong and left open in composed pairs. */
export class PairCounts {
  readonly #counts = {
    pairs: 0,
    noPicture: 0,
    slots: 0,
    changed: 0,
    found: 0,
    right: 0,
    doubt: 0,
    doubtOfWhatCameFromNowhere: 0,
    wrong: 0,
    missed: 0,
    untouched: 0,
    falseClaims: 0,
    falseDoubts: 0,
    nudged: 0,
    nudgedClaimed: 0,
    nudgedDoubts: 0,
    foreign: 0,
    foreignNamed: 0,
    foreignNamedByLookAlone: 0,
    pairsAllRight: 0,
  };
  readonly #reasons: Record<string, number> = {};
  readonly #sharesChanged: number[] = [];
  readonly #sharesUntouched: number[] = [];

  noPicture(reason: string): void {
    this.#counts.pairs++;
    this.#counts.noPicture++;
    this.#reasons[reason] = (this.#reasons[reason] ?? 0) + 1;
  }

  pair(slots: readonly JudgedSlot[]): void {
    this.#counts.pairs++;
    if (slots.filter((slot) => !this.#slot(slot)).length === 0) this.#counts.pairsAllRight++;
  }

  /** Whether all of it was right, and nothing left open. */
  #slot(slot: JudgedSlot): boolean {
    this.#counts.slots++;
    return slot.truth.before === slot.truth.after ? this.#unchanged(slot) : this.#changed(slot);
  }

  #unchanged({ truth, verdict, share }: JudgedSlot): boolean {
    const counts = this.#counts;
    if (truth.isNudged) {
      counts.nudged++;
      if (verdict.kind === 'changed') counts.nudgedClaimed++;
      if (verdict.kind === 'doubt') counts.nudgedDoubts++;
    } else {
      counts.untouched++;
      this.#sharesUntouched.push(share);
      if (verdict.kind === 'changed') counts.falseClaims++;
      if (verdict.kind === 'doubt') counts.falseDoubts++;
    }
    return verdict.kind === 'unchanged' || (verdict.kind === 'nudged' && verdict.sku === truth.before);
  }

  #changed({ truth, verdict, alone, share }: JudgedSlot): boolean {
    const counts = this.#counts;
    counts.changed++;
    this.#sharesChanged.push(share);
    if (truth.isForeign) {
      counts.foreign++;
      if (verdict.kind === 'changed' && verdict.after !== null) counts.foreignNamed++;
      if (alone.kind === 'changed' && alone.after !== null) counts.foreignNamedByLookAlone++;
    }
    if (verdict.kind === 'unchanged' || verdict.kind === 'nudged') {
      counts.missed++;
      return false;
    }
    counts.found++;
    if (verdict.kind === 'doubt') {
      counts.doubt++;
      if (alone.kind === 'changed') counts.doubtOfWhatCameFromNowhere++;
      return false;
    }
    const isRight = verdict.before === truth.before && verdict.after === truth.after && !truth.isForeign;
    if (isRight) counts.right++;
    else counts.wrong++;
    return isRight;
  }

  summary(): object {
    return {
      ...this.#counts,
      noPictureBecause: this.#reasons,
      foundShare: quotient(this.#counts.found, this.#counts.changed),
      rightShare: quotient(this.#counts.right, this.#counts.changed),
      lowestShareOfChanged: extreme(Math.min, this.#sharesChanged),
      untouchedAboveThreshold: this.#sharesUntouched.filter((share) => share >= changedFrom).length,
      highestShareOfUntouched: extreme(Math.max, this.#sharesUntouched),
    };
  }
}

/** Of nothing there is none. */
function extreme(of: (...values: number[]) => number, values: readonly number[]): number | null {
  return values.length === 0 ? null : Number(values.reduce((one, other) => of(one, other)).toFixed(3));
}
