import { rmSync } from 'node:fs';
import { systemRandom } from '../../shared/node/system-random.ts';
import { issueEnrolToken } from '../../operator/fleet/enrolment.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import type { StorageUnderTest, TestStorage } from '../../testkit/operator/storages.ts';
import type { Db } from '../../operator/storage/storage.ts';
import { loadSampleCatalog } from '../catalog.ts';
import type { Books, Finding } from './auditor.ts';
import { audit } from './auditor.ts';
import { operatorStory, readLedgers, readOperatorBooks, readStates } from './books.ts';
import { reconcile } from './bills.ts';
import { Cabinet } from './cabinet.ts';
import { Gate } from './gate.ts';
import { InHand } from './in-hand.ts';
import { Operators, policy, servedSample } from './operators.ts';
import { Payers } from './payers.ts';
import { costAt } from './offers.ts';
import { People } from './people.ts';
import { Readers } from './readers.ts';
import { Shoppers } from './shopper.ts';
import { Troubles } from './troubles.ts';
import { WorldClock } from './world-clock.ts';

export interface SimulationOptions {
  /** Of all chance but keys and the database's own order of what comes at the same moment. */
  readonly seed: number;
  readonly visitCount: number;
  readonly cabinetCount: number;
  /** Members with an account at each of the five providers. */
  readonly membersOfEach: number;
  readonly storage: StorageUnderTest;
  /** After so many visits all is well until everything has come to its end, and the auditor looks. A finding ends the run. */
  readonly auditEvery: number;
  /** Called now and then with how many visits have begun. */
  readonly onProgress?: (visitCount: number) => void;
  /** Called each time that the auditor has looked, with what there were and what was found. */
  readonly onAudit?: (visitCount: number, findingCount: number) => void;
}

export interface SimulationOutcome {
  readonly findings: readonly Finding[];
  readonly books: Books;
  /** What the cabinet and the operator have noted of the visits of the first findings, by charge. */
  readonly journals: ReadonlyMap<string, readonly string[]>;
  readonly counts: Readonly<Record<string, number>>;
  /** Of virtual time, ms. */
  readonly elapsedMs: number;
}

/**
 * After the last visit all is well: so long it is waited at most until no charge is under way any more, ms. A cabinet that was told
 * of half an hour ago that people have a charge asks again within 40 min.
 */
const settleMaxMs = 100 * 60_000;
const settleEveryMs = 20_000;
/** So long after that until all that is to go back has: between two tries of a refund it may be an hour, ms. */
const refundMaxMs = 150 * 60_000;
/** What one person may owe at a time: online two and one that is under way at each cabinet; offline two at each. */
const debtsOf = (cabinetCount: number): number => 2 + 3 * cabinetCount;
/** Of so many findings the journal is told. */
const journalsMax = 10;
/** What one person may buy at a cabinet without network. */
const offlineMax = 2;
/** The lists of providers' holds and orders are looked at so long after the last visit: a hold goes within a minute. */
const holdMaxMs = 120_000;

/** Plays visits under faults, and has the auditor look at what came of it. */
export async function simulateCharges(options: SimulationOptions): Promise<SimulationOutcome> {
  const store = await options.storage.open();
  const inHand = new InHand();
  const payers = new Payers(options.seed + 11);
  const scratch = makeScratchFolder();
  try {
    await payers.start();
    const clock = new WorldClock(inHand, (ms) => payers.pass(ms));
    const play = new Play(options, { store, inHand, payers, clock, folder: scratch.path });
    const outcome = await clock.during(play.run());
    await clock.during(play.stop());
    return outcome;
  } finally {
    inHand.close();
    await payers.stop();
    await store.close();
    rmSync(scratch.path, { recursive: true, force: true });
  }
}

interface World {
  readonly store: TestStorage;
  readonly inHand: InHand;
  readonly payers: Payers;
  readonly clock: WorldClock;
  readonly folder: string;
}

class Play {
  readonly #o: SimulationOptions;
  readonly #world: World;
  readonly #gate: Gate;
  /** What is asked through it is in hand. */
  readonly #db: Db;
  readonly #operators: Operators;
  readonly #shoppers: Shoppers;
  readonly #people: People;
  readonly #cabinets: Cabinet[] = [];
  readonly #catalog = loadSampleCatalog();
  readonly #prices = new Map(this.#catalog.products.map(({ sku, priceMinor }) => [sku, priceMinor]));
  readonly #costAt: Books['costAt'] = (skus, atMs) => costAt(skus, (sku) => this.#prices.get(sku) ?? 0, atMs);
  readonly #troubles: Troubles;
  readonly #readers: Readers;
  #minutesToSettle = 0;
  /** Visits that have begun. */
  #begunCount = 0;

  constructor(options: SimulationOptions, world: World) {
    const { inHand, payers, clock } = world;
    const { storage } = world.store;
    const gate = new Gate(storage, inHand, () => undefined);
    const { db } = gate;
    this.#gate = gate;
    const { seed } = options;
    this.#db = db;
    this.#o = options;
    this.#world = world;
    this.#operators = new Operators({ storage, db, clock, inHand, payers, seed: seed + 21 });
    const catalog = this.#catalog;
    this.#shoppers = new Shoppers({ seed, clock, payers, catalog, operators: this.#operators });
    this.#people = new People({
      ...{ db, clock, seed: seed + 51, truths: this.#shoppers.truths, costAt: this.#costAt },
      debitedAt: (provider, orderId) => payers.debitedAt(provider, orderId),
      accountOf: (memberId) => payers.all.find((one) => one.memberId === memberId)?.account ?? '',
      onDebit: () => this.#operators.wake(),
      ...{ policy, catalog: servedSample() },
    });
    const beside = { db, clock, payers, operators: this.#operators };
    this.#troubles = new Troubles({ seed, ...beside, people: this.#people, cabinets: this.#cabinets });
    this.#readers = new Readers(beside);
  }

  async run(): Promise<SimulationOutcome> {
    await this.#open();
    const { visitCount, auditEvery, onAudit = () => undefined } = this.#o;
    for (;;) {
      await this.#day(Math.min(this.#begunCount + auditEvery, visitCount));
      await this.#settle();
      const books = await this.#books();
      const findings = audit(books);
      onAudit(this.#begunCount, findings.length);
      if (this.#begunCount < visitCount && findings.length === 0) continue;
      return {
        findings,
        books,
        journals: await this.#journalsOf(findings, books),
        counts: this.#countsOf(books),
        elapsedMs: this.#world.clock.monotonicMs(),
      };
    }
  }

  /** People come until so many visits have begun in all. */
  async #day(untilCount: number): Promise<void> {
    const { onProgress = () => undefined } = this.#o;
    this.#troubles.begin();
    const days = this.#cabinets.map(async (cabinet) => {
      while (this.#begunCount < untilCount) {
        const number = this.#begunCount++;
        if (number % 100 === 0) onProgress(number);
        await this.#shoppers.visit(cabinet, number);
      }
    });
    await Promise.all(days);
    await this.#troubles.end();
  }

  async stop(): Promise<void> {
    for (const cabinet of this.#cabinets) await cabinet.stop();
    await this.#operators.stop();
    await this.#gate.close();
  }

  async #open(): Promise<void> {
    const { clock, payers, folder } = this.#world;
    const db = this.#db;
    const { seed, cabinetCount, membersOfEach } = this.#o;
    await payers.enrol(db, clock, membersOfEach);
    await this.#operators.start();
    const stock = this.#catalog.tags.map(({ epc }) => epc);
    for (let i = 0; i < cabinetCount; i++) {
      const cabinetId = `S-${String(i + 1).padStart(4, '0')}`;
      const enrolToken = await issueEnrolToken(db, clock, systemRandom, cabinetId);
      const own = { cabinetId, enrolToken, stock, folder, seed: seed + 1_000 + 7 * i };
      const cabinet = new Cabinet({ ...own, clock, operators: this.#operators });
      cabinet.start();
      this.#cabinets.push(cabinet);
    }
    for (const cabinet of this.#cabinets) await cabinet.until(() => cabinet.isIn('attract'), 60_000);
    for (const cabinet of this.#cabinets) await cabinet.until(() => cabinet.knowsOffers, 20 * 60_000);
    // By what it was told a quarter of an hour before, the operator prices a charge that names no other version.
    await this.#sleep(16 * 60_000);
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#world.clock.after(ms, resolve);
    });
  }

  /** All is well from now on: every charge comes to its end, or to a reason. */
  async #settle(): Promise<void> {
    const { clock, payers } = this.#world;
    payers.heal();
    for (const cabinet of this.#cabinets) [cabinet.line.mode, cabinet.clock.offMs] = ['up', 0];
    await this.#sleep(holdMaxMs);
    await this.#people.look();
    const startMs = clock.monotonicMs();
    while ((await this.#isUnderWay()) && clock.monotonicMs() < startMs + settleMaxMs)
      await this.#sleep(settleEveryMs);
    this.#minutesToSettle = Math.round((clock.monotonicMs() - startMs) / 60_000);
    await this.#people.lookAtReports();
    await this.#sleep(holdMaxMs);
    const backMs = clock.monotonicMs() + refundMaxMs;
    while ((await this.#people.isWaiting()) && clock.monotonicMs() < backMs) {
      payers.refundsArrive();
      await this.#people.payBackByHand();
      await this.#sleep(settleEveryMs);
    }
  }

  /** A charge that has come to no end yet, or a cabinet that has not heard what people or its collection have made of it. */
  async #isUnderWay(): Promise<boolean> {
    if (this.#cabinets.some((cabinet) => !cabinet.isRunning)) return true;
    const { decided } = this.#people;
    const open = this.#cabinets.flatMap((cabinet) => cabinet.openRecords());
    const isDone = ({ chargeId, state }: (typeof open)[number]): boolean =>
      ['paid', 'voided', 'collecting'].includes(state) ||
      (state === 'needs_attention' && !decided.has(chargeId));
    if (!open.every(isDone)) return true;
    const owed = open.filter(({ state }) => state === 'collecting').map(({ chargeId }) => chargeId);
    return (await readStates(this.#db, owed)).some((state) => state !== 'collecting');
  }

  async #books(): Promise<Books> {
    const { payers } = this.#world;
    const db = this.#db;
    const cabinets = this.#cabinets.flatMap((cabinet) =>
      cabinet.records().map(({ chargeId, state, reason }) => {
        return { chargeId, cabinetId: cabinet.cabinetId, state, reason };
      }),
    );
    const told = await this.#readers.read();
    await reconcile(db, this.#world.clock, payers);
    const ledgers = await readLedgers(db, payers);
    return {
      truths: this.#shoppers.truths,
      ...ledgers,
      movements: [...ledgers.movements, ...this.#people.handedBack],
      ...(await readOperatorBooks(db)),
      cabinets,
      told,
      decided: this.#people.decided,
      byHand: this.#people.byHand,
      recordFaults: this.#cabinets.flatMap((cabinet) => [
        ...cabinet.recordFaults(),
        ...cabinet.line.breaches,
      ]),
      debtsMax: debtsOf(this.#o.cabinetCount),
      offlineMax,
      costAt: this.#costAt,
    };
  }

  async #journalsOf(findings: readonly Finding[], { truths }: Books): Promise<Map<string, string[]>> {
    const named = new Set(findings.slice(0, journalsMax).map(({ chargeId }) => chargeId));
    const journals = new Map<string, string[]>();
    for (const { cabinetId, chargeId, visitId } of truths) {
      if (!named.has(chargeId)) continue;
      const cabinet = this.#cabinets.find((one) => one.cabinetId === cabinetId);
      const atOperator = await operatorStory(this.#db, chargeId);
      journals.set(chargeId, [...(cabinet?.journalOf(visitId, chargeId) ?? []), ...atOperator]);
    }
    return journals;
  }

  /** Bills on which something was off; those that cost nothing are among them. */
  #countsOff(operator: Books['operator']): Record<string, number> {
    const listed = ({ billed }: (typeof operator)[number]): number =>
      billed.reduce((sum, sku) => sum + (this.#prices.get(sku) ?? 0), 0);
    const off = operator.filter((row) => row.totalMinor < listed(row));
    return {
      'bills with something off': off.length,
      'free bills': off.filter((row) => row.totalMinor === 0).length,
    };
  }

  #countsOf({ truths, operator, movements, cabinets }: Books): Record<string, number> {
    const sum = (of: (cabinet: Cabinet) => number): number =>
      this.#cabinets.reduce((total, cabinet) => total + of(cabinet), 0);
    const inState = (state: string): number => operator.filter((row) => row.state === state).length;
    return {
      ...this.#shoppers.counts,
      ...Object.fromEntries([...this.#shoppers.refusals].map(([why, count]) => [`- ${why}`, count])),
      ...Object.fromEntries([...this.#shoppers.reasons].map(([why, count]) => [`* ${why}`, count])),
      'bolts let go': truths.length,
      ...this.#countsOff(operator),
      'charges at cabinets': cabinets.length,
      'charges at the operator': operator.length,
      paid: inState('paid'),
      'in collection': inState('collecting'),
      'with people': inState('needs_attention'),
      ...Object.fromEntries(
        [...this.#people.counts].sort().map(([what, count]) => [`people: ${what}`, count]),
      ),
      'movements of money': movements.length,
      'taken back by banks, or given again': this.#world.payers.chargebacks.length,
      'cabinet killed': sum((cabinet) => cabinet.killCount),
      'clock set': sum((cabinet) => cabinet.jumpCount),
      requests: sum((cabinet) => cabinet.line.counts.requests),
      'requests that went wrong': sum((cabinet) => cabinet.line.counts.faults),
      'requests doubled': sum((cabinet) => cabinet.line.counts.doubled),
      outages: this.#troubles.counts.outages,
      'operator killed': this.#operators.killCount,
      'troubles of providers': this.#troubles.counts.providerTroubles,
      'notices of providers': this.#troubles.counts.notices,
      'paid by link': this.#troubles.counts.paidByLink,
      'minutes until all had an end': this.#minutesToSettle,
    };
  }
}
