import type { ShelfEvent } from '../../shared/model/evidence.schema.ts';
import { tagsOfEventMax } from '../../shared/model/evidence.schema.ts';
import { quantityOf, type InventoryLine } from '../recognition/inventory.ts';
import type { DoorState } from '../../shared/model/device.ts';
import type { Observation } from '../recognition/inventory-estimator.ts';

/** A tag that was not heard for so long is said to be silent; whether it is gone is the estimator's to say. */
export const silentAfterMs = 2_000;
/** What of tags changed is put together for so long. */
const tagsEveryMs = 1_000;
/** A lane that moved by less than that has not. */
const weightStepMilligrams = 1_000;

/**
 * What the sensors say, as changes alone: a shelf that stands still says nothing. It listens all the time, so that a visit begins
 * (`begin`) with what there was before it. Pure; takes what the estimator takes, and decides nothing.
 */
export class ShelfLog {
  readonly #heardMs = new Map<string, number>();
  #came = new Set<string>();
  #gone = new Set<string>();
  #toldMs = -Infinity;
  #door: DoorState | null = null;
  /** By the clock of the observations; null: it is not shut. */
  #shutMs: number | null = null;
  readonly #milligrams = new Map<number, number | null>();
  readonly #ready = new Map<string, boolean>();
  #lines = '';
  #events: ShelfEvent[] = [];

  /** A visit begins: all that is known now is told first, and nothing of what was before. `atMs`: wall time, as it is told. */
  begin(nowMs: number, atMs: number): void {
    this.look(nowMs, atMs);
    this.#events = [];
    this.#lines = '';
    if (this.#door !== null) this.#events.push({ kind: 'door', atMs, door: this.#door });
    for (const [deviceId, isReady] of this.#ready)
      this.#events.push({ kind: 'device', atMs, deviceId, isReady });
    for (const [lane, milligrams] of this.#milligrams)
      this.#events.push({ kind: 'weight', atMs, lane, milligrams });
    this.#came = new Set(this.#heardMs.keys());
    this.#gone = new Set();
    this.#tellTags(nowMs, atMs);
  }

  /** `atMs`: wall time, as it is told. */
  observe(observation: Observation, atMs: number): void {
    const { atMs: nowMs } = observation;
    switch (observation.kind) {
      case 'tags':
        for (const { epc } of observation.reads) {
          if (!this.#heardMs.has(epc) && !this.#gone.delete(epc)) this.#came.add(epc);
          this.#heardMs.set(epc, nowMs);
        }
        break;
      case 'weight':
        this.#weigh(observation, atMs);
        break;
      case 'door':
        if (observation.door !== this.#door)
          this.#events.push({ kind: 'door', atMs, door: observation.door });
        if (observation.door !== 'closed') this.#shutMs = null;
        else this.#shutMs ??= nowMs;
        this.#door = observation.door;
        break;
      case 'sensors':
        for (const { deviceId, isReady } of observation.sensors) {
          if (this.#ready.get(deviceId) === isReady) continue;
          this.#ready.set(deviceId, isReady);
          this.#events.push({ kind: 'device', atMs, deviceId, isReady });
        }
        break;
      case 'image':
      case 'barcode':
        break;
    }
    this.look(nowMs, atMs);
  }

  /** What is shown as taken and as put in. */
  decided(taken: readonly InventoryLine[], added: readonly InventoryLine[], atMs: number): void {
    const lines = { taken: counted(taken), added: counted(added) };
    const text = JSON.stringify(lines);
    if (text === this.#lines) return;
    this.#lines = text;
    this.#events.push({ kind: 'lines', atMs, ...lines });
  }

  /** Notes what fell silent. `nowMs`: by the clock of the observations. */
  look(nowMs: number, atMs: number): void {
    this.#silence(nowMs - silentAfterMs);
    if (nowMs - this.#toldMs >= tagsEveryMs) this.#tellTags(nowMs, atMs);
  }

  /**
   * What has happened since this was asked last. `isLast`: the visit is over; also what was to be put together with more, and
   * what has not been heard since the door was shut: a quick hand is gone before anything is silent for long.
   */
  take(nowMs: number, atMs: number, isLast = false): readonly ShelfEvent[] {
    if (isLast) {
      this.#silence(this.#shutMs ?? -Infinity);
      this.#tellTags(nowMs, atMs);
    }
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** What was heard last before this. */
  #silence(beforeMs: number): void {
    for (const [epc, heardMs] of this.#heardMs) {
      if (heardMs >= beforeMs) continue;
      this.#heardMs.delete(epc);
      if (!this.#came.delete(epc)) this.#gone.add(epc);
    }
  }

  #tellTags(nowMs: number, atMs: number): void {
    if (this.#came.size + this.#gone.size === 0) return;
    const [came, gone] = [[...this.#came], [...this.#gone]];
    this.#came = new Set();
    this.#gone = new Set();
    this.#toldMs = nowMs;
    const heard = this.#heardMs.size;
    for (let from = 0; from < Math.max(came.length, gone.length); from += tagsOfEventMax) {
      const part = (tags: string[]): string[] => tags.slice(from, from + tagsOfEventMax);
      this.#events.push({ kind: 'tags', atMs, heard, came: part(came), gone: part(gone) });
    }
  }

  #weigh({ lane, milligrams, isStable }: Extract<Observation, { kind: 'weight' }>, atMs: number): void {
    const before = this.#milligrams.get(lane);
    if (milligrams !== null && !isStable) return;
    const isSame =
      before !== undefined &&
      (before === null || milligrams === null
        ? before === milligrams
        : Math.abs(milligrams - before) < weightStepMilligrams);
    if (isSame) return;
    this.#milligrams.set(lane, milligrams);
    this.#events.push({ kind: 'weight', atMs, lane, milligrams });
  }
}

function counted(lines: readonly InventoryLine[]): { sku: string | null; quantity: number }[] {
  return [...new Set(lines.map(({ sku }) => sku))].map((sku) => ({ sku, quantity: quantityOf(lines, sku) }));
}
