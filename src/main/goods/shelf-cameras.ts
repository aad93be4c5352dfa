import type { Observation } from '../../core/recognition/inventory-estimator.ts';
import { pictureWaitMs } from '../../core/recognition/shelf-pictures.ts';
import { comingInStates, openVisitStates, type VisitStateName } from '../../core/visit/visit-model.ts';
import type { Visit } from '../../core/visit/visit.ts';
import type { Clock } from '../../shared/clock.ts';
import type { DeviceHealth, DoorState } from '../../shared/model/device.ts';
import type { ShelfEvent } from '../../shared/model/evidence.schema.ts';
import type { GoodsOrder, GoodsReport } from '../../shared/model/goods-view.schema.ts';
import type { ShownDevice } from '../../shared/model/service.schema.ts';
import type { ShelfCamera } from '../../shared/model/shelf-camera.ts';
import type { ShelfCameraTrouble, ShelfPhase } from '../../shared/model/shelf-watch.ts';
import type { Random } from '../../shared/random.ts';
import { type Failure, type Result, fail, ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { GoodsMemory } from './goods-memory.ts';
import { orderNonce } from './order-nonce.ts';

export const shelfCameraLimits = {
  /** After a visit the view has so long to send what it still has, ms. */
  afterVisitMs: 8_000,
  /** From the order to the first word of a camera; a cold computer starts the view and the camera meanwhile. */
  silentMs: 15_000,
  /** Slots that one camera teaches in one visit at most. */
  teachesMax: 4,
} as const;

/** Kept of one camera in one visit: one from before, and one of each time that the door was shut. More leave no room for others. */
export const picturesOfVisitMax = 6;
export interface ShelfCamerasOptions {
  readonly cameras: readonly ShelfCamera[];
  readonly memory: GoodsMemory;
  readonly clock: Clock;
  /** Wall time as it is told. */
  readonly nowMs: () => number;
  readonly random: Random;
  readonly logger: Logger;
  /** How many of each article are inside behind the shut door; null: not known. */
  readonly stock: () => ReadonlyMap<string, number> | null;
  readonly observe: (observation: Extract<Observation, { kind: 'image' }>) => void;
  readonly evidence: (picture: Extract<ShelfEvent, { kind: 'picture' }>) => void;
  readonly onHealth: (health: readonly DeviceHealth[]) => void;
  /** There is another order, or none. */
  readonly onOrder: () => void;
}

interface Watched {
  readonly camera: ShelfCamera;
  trouble: ShelfCameraTrouble | null;
  /** It has said how it is since the program runs. */
  isKnown: boolean;
  seenMs: number | null;
  errorCount: number;
  /** Of this visit: there is a picture from before the door opened. */
  hasBefore: boolean;
  /** Of this closing: it has said what it sees. */
  hasSaid: boolean;
  /** Of this visit: pictures that were kept, and slots that it has taught. */
  pictureCount: number;
  readonly taught: Set<number>;
}

const newVisit = () => ({ hasBefore: false, hasSaid: false, pictureCount: 0, taught: new Set<number>() });

/**
 * The cameras inside, through each visit: says what is to be looked at (`order`), takes what the view reports, tells the
 * estimator, and how each camera is. Without a picture from before the door opened there is none of this visit; what comes later
 * than the bound says nothing.
 */
export class ShelfCameras {
  readonly #o: ShelfCamerasOptions;
  readonly #watched: readonly Watched[];
  #order: GoodsOrder | null = null;
  #door: DoorState = 'unknown';
  #hasOpened = false;
  #state: VisitStateName = 'recovering';
  #cancelWait: () => void = () => undefined;
  #cancelEnd: () => void = () => undefined;
  #cancelSilence: () => void = () => undefined;

  constructor(options: ShelfCamerasOptions) {
    this.#o = options;
    this.#watched = options.cameras.map((camera) => ({
      ...{ camera, trouble: null, isKnown: false, seenMs: null, errorCount: 0 },
      ...newVisit(),
    }));
  }

  /** What the cameras are to do now; null: they are off. */
  get order(): GoodsOrder | null {
    return this.#order;
  }

  get health(): readonly DeviceHealth[] {
    return this.#watched.map(({ camera, trouble, isKnown, seenMs, errorCount }) => ({
      ...{ id: camera.id, kind: 'camera', errorCount, resetCount: 0, lastSeenMs: seenMs },
      state:
        trouble === null
          ? isKnown
            ? 'ready'
            : 'connecting'
          : trouble === 'missing'
            ? 'disconnected'
            : 'error',
      detail: trouble === null ? '' : `camera.${trouble}`,
    }));
  }

  /** As whoever mends them sees them; what is wrong is in `detail`. */
  shown(): ShownDevice[] {
    const nowMs = this.#o.clock.monotonicMs();
    return this.health.map((health) => {
      const heardAgoMs = health.lastSeenMs === null ? null : Math.round(nowMs - health.lastSeenMs);
      return { ...health, trouble: null, sinceMs: null, heardAgoMs };
    });
  }

  /** Call with each state of the visit. */
  onVisitChanged({ state }: Visit): void {
    const before = this.#state;
    this.#state = state;
    if (before === state || this.#watched.length === 0) return;
    const isOpen = openVisitStates.includes(state);
    // The view and its cameras start.
    if (comingInStates.includes(state)) {
      if (!comingInStates.includes(before)) this.#begin();
    } else if (!isOpen && this.#order !== null) this.#visitOver();
  }

  /** Call with each word on the door. */
  onDoor(door: DoorState): void {
    if (door === this.#door) return;
    this.#door = door;
    if (this.#order === null || !openVisitStates.includes(this.#state)) return;
    if (door === 'closed') this.#shut();
    else this.#opened();
  }

  /** What the view says. `stale`: not of the order that holds now. */
  report(nonce: string, report: GoodsReport): Result<null, Failure<'stale'>> {
    const one = this.#watched.find(({ camera }) => camera.id === report.camera);
    if (this.#order?.nonce !== nonce || one === undefined) return fail('stale', 'not the order that holds');
    if ('trouble' in report) this.#note(one, report);
    switch (report.kind) {
      case 'before':
        // Taken when the door was open already, it says nothing of what stood there before.
        if (!this.#hasOpened) one.hasBefore = report.trouble === null;
        this.#o.logger.info('goods.before', {
          camera: one.camera.id,
          isInTime: !this.#hasOpened,
          trouble: report.trouble,
        });
        break;
      case 'after':
        this.#after(one, report);
        break;
      case 'picture':
        if (one.pictureCount++ >= picturesOfVisitMax) break;
        this.#o.evidence({
          ...{ kind: 'picture', atMs: this.#o.nowMs(), deviceId: one.camera.id },
          ...{ when: report.when, jpeg: report.jpeg },
        });
        break;
      case 'stood':
        // It has its place from the first time that it was seen.
        if (this.#o.memory.stood(one.camera) === null) this.#o.memory.setStood(one.camera, report.stood);
        break;
      case 'learned':
        this.#learned(one, report);
        break;
      case 'change':
      case 'camera':
      case 'still':
        break;
    }
    return ok(null);
  }

  /** The view has died, or does not load: nothing looks. */
  viewGone(): void {
    for (const one of this.#watched) this.#lose(one, 'off');
  }

  stop(): void {
    for (const cancel of [this.#cancelWait, this.#cancelEnd, this.#cancelSilence]) cancel();
    this.#setOrder(null);
  }

  #begin(): void {
    this.#cancelEnd();
    this.#cancelWait();
    this.#hasOpened = false;
    const { random, clock } = this.#o;
    const stock = this.#o.stock();
    for (const one of this.#watched) Object.assign(one, newVisit());
    this.#setOrder({
      ...{ nonce: orderNonce(random), phase: 'before', round: 0 },
      cameras: this.#watched.map(({ camera }) => ({
        camera,
        stood: this.#o.memory.stood(camera),
        teaches: this.#teachesOf(camera, stock),
      })),
    });
    const nonce = this.#order?.nonce;
    const heardMs = clock.monotonicMs();
    this.#cancelSilence();
    this.#cancelSilence = clock.after(shelfCameraLimits.silentMs, () => {
      if (this.#order?.nonce !== nonce) return;
      for (const one of this.#watched)
        if ((one.seenMs ?? -1) < heardMs && one.trouble === null) this.#lose(one, 'off');
    });
  }

  /** Slots of which the tags say what is in them for certain: one article in one place. */
  #teachesOf(
    { slots }: ShelfCamera,
    stock: ReadonlyMap<string, number> | null,
  ): GoodsOrder['cameras'][number]['teaches'] {
    if (stock === null) return [];
    const all = this.#o.cameras.flatMap((camera) => camera.slots);
    const known = slots.flatMap(({ sku }, slot) => {
      const count = stock.get(sku);
      if (count === undefined || all.filter((one) => one.sku === sku).length > 1) return [];
      return [{ slot, sku: count === 0 ? null : sku }];
    });
    return known.filter(({ sku }) => this.#o.memory.wants(sku)).slice(0, shelfCameraLimits.teachesMax);
  }

  #learned(one: Watched, { headVersion, slot, descriptor }: Extract<GoodsReport, { kind: 'learned' }>): void {
    const order = this.#order?.cameras.find(({ camera }) => camera.id === one.camera.id);
    const taught = order?.teaches.find((teach) => teach.slot === slot);
    if (taught === undefined || one.taught.has(slot) || !one.hasBefore || descriptor.length < 100) return;
    one.taught.add(slot);
    this.#o.memory.learn(headVersion, taught.sku, descriptor, this.#order?.nonce ?? '');
  }

  #opened(): void {
    this.#cancelWait();
    const isFirst = !this.#hasOpened;
    this.#hasOpened = true;
    for (const one of this.#watched) {
      one.hasSaid = false;
      if (isFirst) this.#tell(one, one.hasBefore ? 'before' : 'nothing');
    }
    this.#setPhase('open');
  }

  #shut(): void {
    const order = this.#setPhase('after');
    this.#cancelWait = this.#o.clock.after(pictureWaitMs, () => {
      for (const one of this.#watched) {
        if (one.hasSaid || !one.hasBefore) continue;
        this.#o.logger.warn('goods.picture_late', { camera: one.camera.id, round: order?.round });
        one.hasSaid = true;
        this.#tell(one, 'nothing');
      }
    });
  }

  #after(one: Watched, report: Extract<GoodsReport, { kind: 'after' }>): void {
    if (report.round !== this.#order?.round || this.#order.phase !== 'after' || one.hasSaid) return;
    one.hasSaid = true;
    if (!one.hasBefore) return;
    if (report.trouble !== null) this.#tell(one, 'nothing');
    else {
      // It speaks of its own slots alone.
      const own = new Set(one.camera.slots.map(({ sku }) => sku));
      const views = report.views.filter(({ sku }) => own.has(sku));
      this.#o.logger.info('goods.after', { camera: one.camera.id, views });
      const who = { kind: 'image', deviceId: one.camera.id, atMs: this.#o.clock.monotonicMs() } as const;
      this.#o.observe({ ...who, says: 'after', views });
    }
  }

  #visitOver(): void {
    this.#cancelWait();
    const { nonce } = this.#order ?? {};
    this.#cancelEnd();
    // Nothing was opened: there is nothing to come.
    const leftMs = this.#hasOpened ? shelfCameraLimits.afterVisitMs : 0;
    this.#cancelEnd = this.#o.clock.after(leftMs, () => {
      if (this.#order?.nonce === nonce) this.#setOrder(null);
    });
  }

  /** A camera that is lost lowers certainty, and nothing else. */
  #lose(one: Watched, trouble: ShelfCameraTrouble): void {
    this.#noteTrouble(one, trouble);
    if (one.hasSaid || !one.hasBefore) return;
    one.hasBefore = false;
    if (this.#hasOpened) this.#tell(one, 'nothing');
  }

  #tell({ camera }: Watched, says: 'before' | 'nothing'): void {
    this.#o.observe({ kind: 'image', deviceId: camera.id, atMs: this.#o.clock.monotonicMs(), says });
  }

  #note(one: Watched, { kind, trouble }: Extract<GoodsReport, { trouble: ShelfCameraTrouble | null }>): void {
    const isGone = kind === 'camera' && trouble !== null;
    if (isGone) this.#lose(one, trouble);
    // That it runs says nothing of its picture; nor does an open door, of one that is not right.
    else if (kind !== 'camera' && (trouble !== null || kind !== 'change' || one.trouble === null))
      this.#noteTrouble(one, trouble);
  }

  #noteTrouble(one: Watched, trouble: ShelfCameraTrouble | null): void {
    one.seenMs = this.#o.clock.monotonicMs();
    if (one.isKnown && one.trouble === trouble) return;
    one.isKnown = true;
    one.trouble = trouble;
    if (trouble !== null) {
      one.errorCount++;
      this.#o.logger.warn('goods.camera_trouble', { camera: one.camera.id, why: trouble });
    }
    this.#o.onHealth(this.health);
  }

  #setPhase(phase: ShelfPhase): GoodsOrder | null {
    const order = this.#order;
    if (order === null) return null;
    this.#setOrder({ ...order, phase, round: phase === 'after' ? order.round + 1 : order.round });
    return this.#order;
  }

  #setOrder(order: GoodsOrder | null): void {
    if (order === this.#order) return;
    this.#order = order;
    this.#o.onOrder();
  }
}
