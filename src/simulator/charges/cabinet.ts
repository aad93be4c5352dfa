import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ChargeRecord } from '../../main/charges/charge-record.ts';
import type { Database } from '../../main/storage/database.ts';
import type { VisitContext, VisitStateName } from '../../core/visit/visit-model.ts';
import type { ChargeId } from '../../shared/ids.ts';
import type { SettingsStore } from '../../main/settings/settings-store.ts';
import type { Clock } from '../../shared/clock.ts';
import { SeededRandom } from '../../shared/random.ts';
import type { Result } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { settingsFor, testLimits } from '../system/cabinet-setup.ts';
import { Disk, KioskProcess } from '../system/kiosk-process.ts';
import { MemoryCables } from '../system/memory-cables.ts';
import { Body, HandsHost } from './body.ts';
import { ExactShelf } from './exact-shelf.ts';
import { Line } from './line.ts';
import type { Operators } from './operators.ts';
import { SetClock } from './world-clock.ts';

const pollEveryMs = 100;

/** A disk under a program that can be killed at one of its next commits. */
class DyingDisk extends Disk {
  #left = Number.POSITIVE_INFINITY;
  #onDeath: () => void = () => undefined;

  dieAt(commits: number, onDeath: () => void): void {
    [this.#left, this.#onDeath] = [commits, onDeath];
  }
  forget(): void {
    this.#left = Number.POSITIVE_INFINITY;
  }
  override wrap(database: Database): Database {
    const inner = super.wrap(database);
    let depth = 0;
    const transaction = <T>(fn: () => Result<T, { code: string }>): Result<T, { code: string }> => {
      depth++;
      const done = inner.transaction(fn);
      if (--depth > 0 || --this.#left > 0) return done;
      this.forget();
      // It is on the disk, and nobody in the program will ever know.
      this.#onDeath();
      return done;
    };
    return new Proxy(inner, {
      get: (target, key): unknown => (key === 'transaction' ? transaction : Reflect.get(target, key, target)),
    });
  }
}

export interface CabinetOptions {
  readonly cabinetId: string;
  /** Where its files go. */
  readonly folder: string;
  readonly clock: Clock;
  readonly operators: Operators;
  readonly seed: number;
  readonly stock: readonly string[];
  readonly enrolToken: string;
}

/** A cabinet: the whole program of the product but for the screen, on a body without faults and a line full of them. */
export class Cabinet {
  readonly cabinetId: string;
  readonly body: Body;
  readonly line: Line;
  readonly clock: SetClock;
  readonly #o: CabinetOptions;
  readonly #disk = new DyingDisk();
  readonly #settings: SettingsStore;
  readonly #random: SeededRandom;
  #process: KioskProcess | null = null;
  #runCount = 0;
  /** Charges that are paid or void, which is for ever. */
  readonly #ended = new Set<string>();
  killCount = 0;
  jumpCount = 0;
  /** What happens to it, for the story of the visit that is under way. */
  onTrouble: (what: string) => void = () => undefined;

  constructor(options: CabinetOptions) {
    const { cabinetId, clock, operators, seed, stock, enrolToken } = options;
    this.#o = options;
    this.cabinetId = cabinetId;
    this.clock = new SetClock(clock);
    this.body = new Body(clock, stock);
    this.#random = new SeededRandom(seed);
    this.line = new Line(clock, operators, new SeededRandom(seed + 1));
    this.#settings = settingsFor(cabinetId, this.clock, enrolToken, { simulated: true, devices: [] });
    const noFaces = this.#settings.update({ face: { enabled: false, camera: null, challengeAlways: false } });
    if (!noFaces.ok) throw new Error(noFaces.error.message);
    mkdirSync(this.#dir, { recursive: true });
  }

  get #dir(): string {
    return join(this.#o.folder, `${this.cabinetId}-${this.#runCount}`);
  }
  get isRunning(): boolean {
    return this.#process !== null;
  }
  get process(): KioskProcess | null {
    return this.#process;
  }
  /** It was told what is on, and at this time something always is. */
  get knowsOffers(): boolean {
    return (this.#process?.kiosk.snapshots.current().promotions.length ?? 0) > 0;
  }
  /** Null: the program does not run. */
  get visit(): { readonly state: VisitStateName; readonly context: VisitContext } | null {
    return this.#process?.kiosk.visitLoop.visit ?? null;
  }

  start(): void {
    if (this.#process !== null) return;
    this.#process = new KioskProcess({
      dir: this.#dir,
      settings: this.#settings,
      clock: this.clock,
      logger: silentLogger,
      limits: testLimits,
      disk: this.#disk,
      random: this.#random,
      httpTransport: (clock) => this.line.transport(clock),
      cables: new MemoryCables(),
      graceOver: true,
      onSnapshot: () => undefined,
      makeHost: () => new HandsHost(this.#o.clock, this.body),
      makeEstimator: (catalog) => new ExactShelf(catalog, () => this.body.isDeaf),
    });
  }

  /** SIGKILL: the next run gets the files as they are at this very moment. It starts by itself after so long. */
  kill(darkMs: number): void {
    const process = this.#process;
    if (process === null) return;
    this.#disk.forget();
    this.line.onServed = () => undefined;
    this.killCount++;
    this.onTrouble(`killed when ${process.kiosk.visitLoop.visit.state}, dark for ${darkMs} ms`);
    const before = this.#dir;
    this.#runCount++;
    cpSync(before, this.#dir, { recursive: true });
    this.#process = null;
    process.kill();
    rmSync(before, { recursive: true, force: true });
    this.#o.clock.after(darkMs, () => this.start());
  }
  /** It is killed at one of its next commits. */
  killAtCommit(commits: number, darkMs: number): void {
    this.#disk.dieAt(commits, () => this.kill(darkMs));
  }
  /** It is killed when the operator has answered its next request, before the answer is there. */
  killAtAnswer(darkMs: number): void {
    this.line.onServed = () => this.kill(darkMs);
  }
  /** Its wall clock is set. */
  jump(ms: number): void {
    this.jumpCount++;
    this.clock.offMs += ms;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#o.clock.after(ms, resolve);
    });
  }
  /** Asks again and again; false: it did not happen within so long. */
  async until(isSo: () => boolean, maxMs: number): Promise<boolean> {
    const endMs = this.#o.clock.monotonicMs() + maxMs;
    while (!isSo()) {
      if (this.#o.clock.monotonicMs() > endMs) return false;
      await this.sleep(pollEveryMs);
    }
    return true;
  }
  isIn(...states: VisitStateName[]): boolean {
    const { visit } = this;
    return visit !== null && states.includes(visit.state);
  }

  /** What its own books say of every charge; the program must run. */
  records(): ChargeRecord[] {
    return this.#recordsOf(() => true);
  }
  /** The same without those that had come to their end when they were looked at before. */
  openRecords(): ChargeRecord[] {
    const open = this.#recordsOf((id) => !this.#ended.has(id));
    for (const { chargeId, state } of open)
      if (state === 'paid' || state === 'voided') this.#ended.add(chargeId);
    return open;
  }
  #recordsOf(which: (id: string) => boolean): ChargeRecord[] {
    const process = this.#process;
    if (process === null) throw new Error('the program does not run');
    const ids = process.chargeIds().filter(which);
    return ids.flatMap((id) => {
      const found = process.kiosk.charges.get(id as ChargeId);
      return found.ok ? [found.value] : [];
    });
  }
  /** The journal of a visit and what was noted of its charge, a line each; nothing while the program does not run. */
  journalOf(...ids: readonly string[]): string[] {
    const lines = this.#process?.journal() ?? [];
    return lines.filter((line) => ids.some((id) => line.includes(id)));
  }
  /** What is wrong with the record of its charges and the journals of its visits, in words. */
  recordFaults(): string[] {
    const found = this.#process?.kiosk.chainCheck.now();
    const damage = found?.ok === true ? found.value.map((finding) => JSON.stringify(finding)) : [];
    return [...damage, ...(this.#process?.journalFaults() ?? [])];
  }
  async stop(): Promise<void> {
    await this.#process?.stop();
    this.#process = null;
  }
}
