import { makeMemberCode } from '../../operator/members/member-code.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { memberCodeLifetimeS } from '../../shared/model/member.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import { SeededRandom } from '../../shared/random.ts';
import type { VisitTruth } from './auditor.ts';
import type { Cabinet } from './cabinet.ts';
import type { Operators } from './operators.ts';
import type { Payer, Payers } from './payers.ts';
import type { WorldClock } from './world-clock.ts';

/** How likely things are in one visit. */
const chances = {
  kill: 0.12,
  jump: 0.02,
  nothing: 0.08,
  many: 0.03,
  putBack: 0.1,
  confirm: 0.7,
  report: 0.04,
  deaf: 0.03,
  again: 0.15,
  oldCode: 0.02,
  longDark: 0.08,
} as const;
/** Waits of a visit, ms. */
const readyMaxMs = 240_000;
const entryMaxMs = 15_000;
const endMaxMs = 90_000;
/** After somebody was not let in it takes so long until another one tries. */
const refusedMaxMs = 40_000;

type Growing = {
  -readonly [K in keyof VisitTruth]: VisitTruth[K] extends readonly string[] ? string[] : VisitTruth[K];
};

export interface ShoppersOptions {
  readonly seed: number;
  readonly clock: WorldClock;
  readonly catalog: Catalog;
  readonly operators: Operators;
  readonly payers: Payers;
}

/** People: what their hands do, and an honest book of who has what. Each visit draws from a seed of its own. */
export class Shoppers {
  readonly truths: Growing[] = [];
  readonly counts = {
    ...{ came: 0, opened: 0, 'let in offline': 0, 'not let in': 0, 'out of service for minutes': 0 },
    ...{ 'reader deaf': 0 },
  };
  /** How often somebody was not let in, by what the screen said. */
  readonly refusals = new Map<string, number>();
  readonly #o: ShoppersOptions;
  readonly #skuOf: ReadonlyMap<string, string>;
  /** What stood in the way of a charge right after its visit: how often, by reason. */
  readonly reasons = new Map<string, number>();
  /** Who was at this cabinet last. */
  readonly #lastAt = new Map<Cabinet, Payer>();
  /** The last code that was shown anywhere: a thief has photographed it. */
  #lastCode: string | null = null;

  constructor(options: ShoppersOptions) {
    this.#o = options;
    this.#skuOf = new Map(options.catalog.tags.map(({ epc, sku }) => [epc, sku]));
  }

  /** Somebody comes, and leaves. Whatever happens, the door is shut at the end and the program will run again. */
  async visit(cabinet: Cabinet, number: number): Promise<void> {
    const random = new SeededRandom(this.#o.seed * 1_000_003 + number);
    const story: string[] = [];
    const note = (what: string): void => {
      story.push(`${Math.round(this.#o.clock.monotonicMs())} ${what}`);
    };
    this.counts.came++;
    cabinet.onTrouble = note;
    await cabinet.sleep(random.between(500, 6_000));
    if (!(await cabinet.until(() => cabinet.isIn('attract'), readyMaxMs))) {
      this.counts['out of service for minutes']++;
      return;
    }
    cabinet.body.refill();
    await cabinet.sleep(200);
    const payer = this.#whoComes(cabinet, random);
    this.#disturb(cabinet, random, note);
    const truth = await this.#enter(cabinet, payer, random, { number, story, note });
    if (truth === null) {
      this.counts['not let in']++;
      await cabinet.sleep(random.between(2_000, refusedMaxMs));
      return;
    }
    await this.#shop(cabinet, truth, random, note);
  }

  /** Anybody, or whoever was here last, once more. */
  #whoComes(cabinet: Cabinet, random: SeededRandom): Payer {
    const [anybody] = random.shuffled(this.#o.payers.all);
    const last = random.chance(chances.again) ? this.#lastAt.get(cabinet) : undefined;
    const payer = last ?? anybody;
    if (payer === undefined) throw new Error('nobody is there');
    this.#lastAt.set(cabinet, payer);
    return payer;
  }

  /** The program of the cabinet dies in the course of this visit, or its clock is set. */
  #disturb(cabinet: Cabinet, random: SeededRandom, note: (what: string) => void): void {
    if (random.chance(chances.jump)) {
      const ms = random.between(-2_400, 2_400) * 60_000;
      note(`the clock is set by ${ms / 60_000} min`);
      cabinet.jump(ms);
    }
    if (!random.chance(chances.kill)) return;
    const darkMs = random.chance(chances.longDark)
      ? random.between(61_000, 200_000)
      : random.between(500, 20_000);
    const how = random.between(1, 3);
    note(`will be killed (${['', 'at a time', 'at a commit', 'at an answer'][how]}), dark for ${darkMs} ms`);
    if (how === 1) this.#o.clock.after(random.between(0, 25_000), () => cabinet.kill(darkMs));
    else if (how === 2) cabinet.killAtCommit(random.between(1, 25), darkMs);
    else cabinet.killAtAnswer(darkMs);
  }

  /** Null: the bolt did not move. */
  async #enter(
    cabinet: Cabinet,
    payer: Payer,
    random: SeededRandom,
    { number, story, note }: { number: number; story: string[]; note: (what: string) => void },
  ): Promise<Growing | null> {
    const { operators, clock } = this.#o;
    const { memberId, account } = payer;
    const isOld = random.chance(chances.oldCode) && this.#lastCode !== null;
    const expiresAtS = Math.ceil(clock.nowMs() / 1000) + memberCodeLifetimeS - 5;
    const fresh = makeMemberCode(operators.memberCodeKeys, random, memberId, expiresAtS);
    const code = isOld ? (this.#lastCode ?? fresh) : fresh;
    const owner = isOld ? (/^KM1\.([^.]+)\./.exec(code)?.[1] ?? memberId) : memberId;
    this.#lastCode = code;
    const entry: { truth: Growing | null } = { truth: null };
    const shownMs = clock.nowMs();
    cabinet.body.onUnlock = () => {
      const context = cabinet.visit?.context;
      const { visitId, chargeId } = context ?? {};
      if (visitId == null || chargeId == null || entry.truth !== null) return;
      const whose = this.#o.payers.all.find((one) => one.memberId === owner);
      const who = { memberId: owner, account: whose?.account ?? account };
      if (context?.admission != null) this.counts['let in offline']++;
      const { outage } = cabinet.line;
      const ids = { number, cabinetId: cabinet.cabinetId, visitId, chargeId, outage };
      const pricedMs = [shownMs, clock.nowMs()] as const;
      entry.truth = { ...ids, ...who, pricedMs, goods: [], reported: [], story };
      this.truths.push(entry.truth);
    };
    note(
      `${memberId} shows ${isOld ? `the code of ${owner} once more` : 'a code'}, line ${cabinet.line.mode}`,
    );
    cabinet.body.scan(code);
    const isOver = (): boolean =>
      cabinet.body.isReleased || (entry.truth === null && cabinet.isIn('refused'));
    await cabinet.until(isOver, entryMaxMs);
    if (entry.truth === null) {
      const why = cabinet.visit?.context.refusedReason ?? 'nothing happened';
      this.refusals.set(why, (this.refusals.get(why) ?? 0) + 1);
      note(`not let in: ${why}`);
    }
    return entry.truth;
  }

  async #shop(
    cabinet: Cabinet,
    truth: Growing,
    random: SeededRandom,
    note: (what: string) => void,
  ): Promise<void> {
    const { body } = cabinet;
    await cabinet.sleep(random.between(100, 1_500));
    if (!body.pull()) {
      note('does not pull in time');
      return;
    }
    this.counts.opened++;
    note(`opens the door, charge ${truth.chargeId}`);
    await cabinet.sleep(random.between(300, 1_500));
    const hand = new Map<string, string>();
    const count = random.chance(chances.nothing)
      ? 0
      : random.chance(chances.many)
        ? 12
        : random.between(1, 3);
    for (const epc of random.shuffled(body.inside).slice(0, count)) {
      body.take(epc);
      hand.set(epc, this.#skuOf.get(epc) ?? '');
      await cabinet.sleep(random.between(100, 800));
    }
    const [first] = hand.keys();
    if (first !== undefined && random.chance(chances.putBack)) {
      body.putBack(first);
      hand.delete(first);
    }
    truth.goods = [...hand.values()];
    note(`has ${truth.goods.join(' ') || 'nothing'}`);
    await cabinet.sleep(300);
    const loop = cabinet.process?.kiosk.visitLoop;
    if (random.chance(chances.confirm)) loop?.confirm(loop.visit.context.basket.revision);
    await cabinet.sleep(random.between(50, 500));
    this.#deafen(cabinet, truth, random, note);
    body.shut();
    await cabinet.until(() => cabinet.isIn('receipt', 'nothingCharged', 'attract'), endMaxMs);
    body.mendReader();
    this.#report(cabinet, truth, random, note);
    await cabinet.until(() => cabinet.isIn('attract'), endMaxMs);
    note(`leaves; the screen says ${cabinet.visit?.state ?? 'nothing'}`);
    const left = cabinet.process?.kiosk.charges.get(truth.chargeId as ChargeId);
    const reason = left?.ok === true ? left.value.reason : null;
    if (reason !== null) this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
  }

  /** The reader falls silent before the door is shut: of the end of this visit it says nothing. What has left stood on the screen. */
  #deafen(cabinet: Cabinet, truth: Growing, random: SeededRandom, note: (what: string) => void): void {
    const isShown = cabinet.visit?.context.basket.itemCount === truth.goods.length;
    if (!random.chance(chances.deaf) || !isShown) return;
    cabinet.body.isDeaf = true;
    this.counts['reader deaf']++;
    note('the reader is deaf');
  }

  /** Says on the receipt that a line is wrong: a lie, but the operator cannot know. */
  #report(cabinet: Cabinet, truth: Growing, random: SeededRandom, note: (what: string) => void): void {
    const [sku] = truth.goods;
    if (sku === undefined || !random.chance(chances.report) || !cabinet.isIn('receipt')) return;
    const said = cabinet.process?.kiosk.disputes.dispute(truth.chargeId as ChargeId, [sku]);
    if (said?.ok !== true) return;
    truth.reported = [sku];
    note(`reports ${sku}`);
  }
}
