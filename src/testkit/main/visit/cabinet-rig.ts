import { join } from 'node:path';
import type { Bill } from '../../../core/basket/basket.ts';
import type { InventoryEstimator } from '../../../core/recognition/inventory-estimator.ts';
import { TagInventoryEstimator } from '../../../core/recognition/tag-inventory-estimator.ts';
import { VisitChart } from '../../../core/visit/visit.ts';
import { ChargeStore } from '../../../main/charges/charge-store.ts';
import { VisitClosings } from '../../../main/charges/visit-closings.ts';
import { makeVisitRecords } from '../../../main/visit/stored-records.ts';
import { VisitLoop } from '../../../main/visit/visit-loop.ts';
import type { VisitPorts } from '../../../main/visit/visit-records.ts';
import { VisitStore } from '../../../main/visit/visit-store.ts';
import { FakeClock } from '../../../shared/clock.ts';
import { idRandomByteCount, makeChargeId, makeVisitId } from '../../../shared/ids.ts';
import type { Catalog } from '../../../shared/model/catalog.schema.ts';
import { type DeviceHealth, type DoorState, doorOfAll } from '../../../shared/model/device.ts';
import type { ChargeLine } from '../../../shared/model/charge.schema.ts';
import { minor } from '../../../shared/money.ts';
import { ok } from '../../../shared/result.ts';
import { countedRandom } from '../../counted-random.ts';
import { testLog } from '../charges/charge-log.ts';
import { makeScratchFolder, mustOpen } from '../storage/scratch.ts';

const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
/** Numbers of so many tags, which are all of one product at ¥1.00. */
export function tagsOf(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `E200${String(i).padStart(20, '0')}`);
}

/** A tag reader of the rig: it goes round what it hears, in another order each time. */
export interface RigReader {
  /** Null: its reports do not say of which reader they are. */
  readonly id: string | null;
  /** 0: nothing ever comes from it, not even "nothing heard". */
  readsPerSecond: number;
  /** Chance that it hears a tag when it is its turn. */
  p: number;
  hears: (epc: string) => boolean;
  /** It tells of each read so often: its antennas overlap, or its line says everything twice. Left out: once. */
  repeats?: number;
  /** It hears what lies behind this one of several doors. Left out: that is not said. */
  behindDoor?: number;
  /** As health says; one that is not ready reports nothing. */
  state: DeviceHealth['state'];
}

/** Pieces on these lines of a bill. */
export function countOf(lines: readonly ChargeLine[] = []): number {
  return lines.reduce((sum, { count }) => sum + count, 0);
}
/** Pieces on a bill, billed and held. */
export function namedOf(bill: Bill | null): number {
  return countOf(bill?.lines) + countOf(bill?.heldLines);
}

/** A visit loop on a database of its own, with a door and goods with tags, all in virtual time. */
export class CabinetRig {
  readonly clock = new FakeClock();
  /** What was told to staff: kind and detail. */
  readonly alarms: string[] = [];
  /** The visit of each of them; null: of none. */
  readonly alarmVisits: (string | null)[] = [];
  /** What lies in the cabinet. */
  readonly inside: Set<string>;
  readonly readers: RigReader[];
  readonly visits: VisitStore;
  catalog: Catalog;
  /** Who decides whether somebody comes in. */
  authorise: VisitPorts['authorise'] = () => Promise.resolve({ member: { memberId: 'M-1', display: '王*' } });
  loop: VisitLoop;
  readonly #folder = makeScratchFolder();
  readonly #database = mustOpen(join(this.#folder.path, 'kaimen.db'), this.clock);
  readonly #makeEstimator: (catalog: () => Catalog) => InventoryEstimator;
  #seed: number;
  #scanCount = 0;
  readonly #turns = new Map<RigReader, { order: string[]; slots: number }>();

  constructor(options: {
    count: number;
    readsPerSecond: number;
    p: number;
    ids?: string[];
    seed?: number;
    /** Absent: by tags. */
    makeEstimator?: (catalog: () => Catalog) => InventoryEstimator;
  }) {
    const { count, readsPerSecond, p, ids, seed = 7 } = options;
    this.#makeEstimator = options.makeEstimator ?? ((catalog) => new TagInventoryEstimator(catalog));
    this.inside = new Set(tagsOf(count));
    this.#seed = seed;
    this.readers = (ids ?? [null]).map((id) => {
      return { id, readsPerSecond, p, hears: () => true, state: 'ready' };
    });
    this.catalog = {
      version: 'v1',
      currency: 'CNY',
      products: [
        { sku: 'COLA', name: { zh: '可乐', en: 'Cola' }, priceMinor: minor(100), weightG: 1, picture: 'x' },
      ],
      tags: tagsOf(count).map((epc) => ({ epc, sku: 'COLA' })),
    };
    this.visits = new VisitStore(this.#database, this.clock);
    this.loop = this.#makeLoop();
  }

  remove(): void {
    this.loop.stop();
    this.#database.close();
    this.#folder.remove();
  }

  #makeLoop(): VisitLoop {
    return new VisitLoop({
      chart: new VisitChart(),
      clock: this.clock,
      logger,
      estimator: this.#makeEstimator(() => this.catalog),
      ports: {
        cabinetId: 'S-0001',
        devices: {
          unlock: () => Promise.resolve(ok({ door: 'closed' as const })),
          setPollMode: () => {},
        },
        catalog: () => this.catalog,
        enrolled: () => true,
        canPersistCharges: () => true,
        operatorNowMs: () => null,
        authorise: (request) => this.authorise(request),
        raiseAlarm: ({ kind, detail, visitId }) => {
          this.alarms.push(`${kind} ${detail}`);
          this.alarmVisits.push(visitId);
        },
        chargeSettled: () => {},
        random: countedRandom(),
      },
      records: makeVisitRecords(
        this.#database,
        this.visits,
        new ChargeStore(this.#database, testLog(this.#database), this.clock, this.clock),
        new VisitClosings(this.#database, this.clock, this.clock),
      ),
    });
  }

  /** The next of a fixed row of numbers, 0 to 1. */
  random(): number {
    this.#seed = (Math.imul(this.#seed, 1664525) + 1013904223) >>> 0;
    return this.#seed / 2 ** 32;
  }

  /**
   * `unreadMs`: for how long it was not read before; undefined: it was not read since the board came back. Left out: it was read
   * all the time.
   */
  door(door: DoorState, ...unread: readonly [unreadMs?: number | undefined]): void {
    const [unreadMs] = unread.length === 0 ? [0] : unread;
    this.loop.deviceEvent({ type: 'door', door, atMs: this.clock.monotonicMs(), unreadMs });
  }

  /** What is said of each of several doors, which are read all the time. */
  doors(...doors: DoorState[]): void {
    const atMs = this.clock.monotonicMs();
    this.loop.deviceEvent({ type: 'door', door: doorOfAll(doors), doors, atMs, unreadMs: 0 });
  }

  /** Lock and readers say how they are. */
  health(): void {
    const same = { lastSeenMs: 0, errorCount: 0, resetCount: 0, detail: '' };
    const readers = this.readers.map(({ id, state }) => {
      return { ...same, id: id ?? 'tag-reader', kind: 'tag-reader' as const, state };
    });
    this.loop.deviceEvent({
      type: 'health',
      devices: [{ ...same, id: 'lock', kind: 'lock', state: 'ready' }, ...readers],
    });
  }

  /** The readers read until `isDone`, or for so long. */
  async run(ms: number, isDone: () => boolean = () => false): Promise<void> {
    for (const endMs = this.clock.monotonicMs() + ms; this.clock.monotonicMs() < endMs && !isDone();) {
      await this.clock.advance(50);
      for (const reader of this.readers) this.#report(reader);
    }
  }

  #report(reader: RigReader): void {
    const turn = this.#turns.get(reader) ?? { order: [], slots: 0 };
    this.#turns.set(reader, turn);
    if (reader.state !== 'ready' || reader.readsPerSecond === 0) return;
    const atMs = this.clock.monotonicMs();
    const isHeard = (epc: string): boolean => this.inside.has(epc) && reader.hears(epc);
    const reads: { epc: string; rssiDbm: null; atMs: number }[] = [];
    for (turn.slots += reader.readsPerSecond / 20; turn.slots >= 1; turn.slots--) {
      if (turn.order.length === 0)
        turn.order = [...this.inside].filter(isHeard).sort(() => this.random() - 0.5);
      const epc = turn.order.shift();
      if (epc !== undefined && isHeard(epc) && this.random() < reader.p)
        for (let i = 0; i < (reader.repeats ?? 1); i++) reads.push({ epc, rssiDbm: null, atMs });
    }
    const { id, behindDoor } = reader;
    const whose = { ...(id !== null && { deviceId: id }), ...(behindDoor !== undefined && { behindDoor }) };
    this.loop.deviceEvent({ type: 'tags', ...whose, reads, atMs });
  }

  start(): void {
    this.loop.start();
    this.health();
    this.door('closed');
  }

  /** A member shows a code; false: the bolt does not move for it. */
  async scan(): Promise<boolean> {
    const { loop } = this;
    const random = new Uint8Array(idRandomByteCount).fill(++this.#scanCount);
    const ids = { visitId: makeVisitId(1, random), chargeId: makeChargeId(1, random) };
    loop.dispatch({ type: 'codeScanned', code: 'KM1.x', ...ids });
    await this.run(6_000, () =>
      ['choosingDoor', 'unlocking', 'refused', 'outOfService'].includes(loop.visit.state),
    );
    return loop.visit.state === 'unlocking';
  }

  /** Somebody takes the pieces of these numbers (`tagsOf`), the last one left out. */
  take(from: number, to: number): void {
    for (const epc of tagsOf(to).slice(from)) this.inside.delete(epc);
  }

  /** The cabinet has been at work for a minute, and a member is let in: the bolt has moved. */
  async letIn(): Promise<void> {
    this.start();
    await this.run(60_000);
    if (!(await this.scan())) throw new Error(`nobody is let in: ${this.loop.visit.state}`);
  }

  /** And opens the door. */
  async begin(): Promise<void> {
    await this.letIn();
    this.door('open');
  }

  /** The door is shut; the bill that comes of it. */
  async shut(): Promise<Bill | null> {
    this.door('closed');
    await this.run(60_000, () => this.loop.visit.state !== 'checking');
    return this.loop.visit.context.bill;
  }

  /** The power is away for so long, with the door open, or shut; then it is so still. */
  async restart(darkMs: number, meanwhile: () => void, door: DoorState = 'open'): Promise<void> {
    this.loop.stop();
    meanwhile();
    await this.clock.advance(darkMs);
    this.loop = this.#makeLoop();
    this.loop.start();
    this.health();
    this.door(door);
  }
}
