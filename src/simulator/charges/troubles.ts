import { SeededRandom } from '../../shared/random.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Db } from '../../operator/storage/storage.ts';
import type { Cabinet } from './cabinet.ts';
import type { LineMode } from './line.ts';
import type { Operators } from './operators.ts';
import { instanceCount } from './operators.ts';
import type { Payers, ProviderNotice } from './payers.ts';
import type { People } from './people.ts';

/** How likely somebody has gone to their bank since people have looked last. */
const disputeChance = 0.3;

export interface TroublesOptions {
  readonly seed: number;
  readonly db: Db;
  readonly clock: Clock;
  readonly payers: Payers;
  readonly operators: Operators;
  readonly people: People;
  readonly cabinets: readonly Cabinet[];
}

/** What happens beside the visits: lines, providers and instances fail for a while, people come to what waits for them. */
export class Troubles {
  readonly counts = { outages: 0, providerTroubles: 0, notices: 0, paidByLink: 0 };
  readonly #o: TroublesOptions;
  readonly #ofPeople: SeededRandom;
  readonly #ofProviders: SeededRandom;
  readonly #ofOperators: SeededRandom;
  readonly #ofLines: SeededRandom[] = [];
  #isOver = true;
  #underWay: Promise<unknown> = Promise.resolve();

  constructor(options: TroublesOptions) {
    this.#o = options;
    const { seed } = options;
    this.#ofPeople = new SeededRandom(seed + 61);
    this.#ofProviders = new SeededRandom(seed + 31);
    this.#ofOperators = new SeededRandom(seed + 41);
  }

  begin(): void {
    this.#isOver = false;
    const others = [this.#people(), this.#providers(), this.#operators()];
    this.#underWay = Promise.all([...others, ...this.#lines()]);
  }

  /** No more of them; resolves when the last has passed. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#underWay;
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#o.clock.after(ms, resolve);
    });
  }

  /** People come to what was reported after a while, and what is to go back takes its time. */
  async #people(): Promise<void> {
    const { people, payers, clock } = this.#o;
    while (!this.#isOver) {
      await this.#sleep(this.#ofPeople.between(120_000, 900_000));
      await people.look();
      payers.refundsArrive();
      if (this.#ofPeople.chance(disputeChance)) payers.disputeCard(clock.nowMs());
    }
  }

  async #providers(): Promise<void> {
    const { payers, db, clock } = this.#o;
    const random = this.#ofProviders;
    while (!this.#isOver) {
      await this.#sleep(random.between(10_000, 60_000));
      this.counts.providerTroubles++;
      payers.trouble();
      for (const notice of payers.notices())
        for (let times = random.between(0, 2); times > 0; times--) this.#notify(notice);
      if (random.chance(0.1)) await payers.topUp(db, clock);
      if (random.chance(0.5)) this.#payByLink();
    }
    payers.heal();
  }

  /** As for a notice, nobody waits for the page. */
  #payByLink(): void {
    const { payers, db, operators } = this.#o;
    const paid = payers.payByLink(db, (path) => operators.pageOf(path));
    void paid.then(
      (isPaid) => {
        if (isPaid) this.counts.paidByLink++;
      },
      () => undefined,
    );
  }

  /** Nobody waits for the answer: an instance may die over it. */
  #notify(notice: ProviderNotice): void {
    this.counts.notices++;
    void this.#o.operators.notify(notice).catch(() => undefined);
  }

  async #operators(): Promise<void> {
    const { operators } = this.#o;
    const random = this.#ofOperators;
    while (!this.#isOver) {
      await this.#sleep(random.between(20_000, 240_000));
      const isLong = random.chance(0.05);
      const numbers = random.chance(0.15) ? [0, 1] : [random.between(0, instanceCount - 1)];
      for (const number of numbers) {
        if (isLong) operators.kill(number, random.between(60_000, 300_000));
        else if (random.chance(0.6)) operators.killSoon(number);
        else operators.kill(number);
      }
    }
  }

  #lines(): Promise<void>[] {
    const bad: readonly LineMode[] = ['cut', 'cut', 'cut', 'blackhole', 'portal', 'flaky'];
    const { cabinets, seed } = this.#o;
    return cabinets.map(async ({ line }, i) => {
      const random = (this.#ofLines[i] ??= new SeededRandom(seed + 501 + i));
      while (!this.#isOver) {
        await this.#sleep(random.between(20_000, 300_000));
        this.counts.outages++;
        line.mode = random.shuffled(bad)[0] ?? 'cut';
        await this.#sleep(
          random.chance(0.1) ? random.between(300_000, 1_200_000) : random.between(2_000, 120_000),
        );
        line.mode = 'up';
      }
    });
  }
}
