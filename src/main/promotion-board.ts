import { onNow } from '../core/pricing/pricing.ts';
import type { Clock } from '../shared/clock.ts';
import type { Promotion, PromotionOrder } from '../shared/model/promotion.schema.ts';
import type { ShownPromotion } from '../shared/model/visit.schema.ts';
import { Listeners } from '../shared/util/listeners.ts';

const minuteMs = 60_000;

export interface PromotionBoardOptions {
  readonly order: () => PromotionOrder | null;
  /** The operator's time, as far as it is known. */
  readonly nowMs: () => number;
  readonly clock: Clock;
}

/** What is on between visits, as the start screen says it: looked at each minute, because what is on begins and ends by itself. */
export class PromotionBoard {
  readonly #o: PromotionBoardOptions;
  readonly #listeners: Listeners;
  #shown = '[]';
  #cancel: () => void = () => undefined;

  constructor(options: PromotionBoardOptions) {
    this.#o = options;
    this.#listeners = new Listeners(options.clock);
  }

  /** Called when something begins or ends. Returns the way to stop that. */
  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  current(): readonly ShownPromotion[] {
    const order = this.#o.order();
    return order === null ? [] : onNow(order, this.#o.nowMs()).map(shownOf);
  }

  start(): void {
    this.#look();
  }
  stop(): void {
    this.#cancel();
  }

  /** Another order came. */
  changed(): void {
    this.#cancel();
    this.#look();
  }

  #look(): void {
    const shown = JSON.stringify(this.current());
    if (shown !== this.#shown) this.#listeners.emit();
    this.#shown = shown;
    const nowMs = this.#o.nowMs();
    this.#cancel = this.#o.clock.after(minuteMs - (nowMs % minuteMs), () => {
      this.#look();
    });
  }
}

function shownOf({ id, name, rule, schedule }: Promotion): ShownPromotion {
  return { id, name, rule, schedule };
}
