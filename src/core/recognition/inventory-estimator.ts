import type { VisitId } from '../../shared/ids.ts';
import type { DeviceHealth, DoorState } from '../../shared/model/device.ts';
import type { WeightState } from '../../shared/model/scale.ts';
import type { ShelfAnswer } from '../../shared/model/shelf-question.ts';
import type { UnnamedGoods } from '../../shared/model/unnamed-goods.ts';
import type { CapacityVerdict } from '../../shared/reading-capacity.ts';
import type { View } from './fusion/fused-observation.ts';
import type { EpcRead } from './presence.ts';
import type { BaselineInventory, Estimate, FinalEstimate, InventoryLine } from './inventory.ts';

/** Stands for the tag reader of a report that does not name it: it may be any that the cabinet has. */
export const unnamedReaderId = '';

/**
 * One report of one device. `atMs`: the cabinet's own monotonic time at which it arrived; what a device says of its
 * own time is inside. A new kind of sensor is a new kind of observation here; `observationOf` in `main/visit` makes it
 * of what the device host says. Nothing in a cabinet reports `barcode` so far.
 */
export type Observation = { readonly deviceId: string; readonly atMs: number } & (
  | {
      readonly kind: 'tags';
      readonly reads: readonly EpcRead[];
      readonly readerMs: number;
      /** By the reader's time: it has listened without a pause from then on; left out: it does not say. */
      readonly sinceMs?: number | undefined;
      /** Its reader hears what lies behind this one of several doors, from 1; left out: not said. */
      readonly behindDoor?: number | undefined;
    }
  | {
      readonly kind: 'weight';
      readonly lane: number;
      /** Null: the scale gives no weight; `state` says why. */
      readonly milligrams: number | null;
      /** At rest: the figure may be used. */
      readonly isStable: boolean;
      readonly state: WeightState;
    }
  /**
   * Of a camera inside. `before`: it has a picture of this visit from before the door opened, so that it will say something when
   * the door has shut; `after`: what it sees then beside that one; `nothing`: it has no picture that says anything, which is
   * never "no change".
   */
  | { readonly kind: 'image'; readonly says: 'before' | 'nothing' }
  | { readonly kind: 'image'; readonly says: 'after'; readonly views: readonly View[] }
  | { readonly kind: 'barcode'; readonly text: string }
  | {
      readonly kind: 'door';
      /** Of all doors as one. */
      readonly door: DoorState;
      /** Of each of several. */
      readonly doors?: readonly DoorState[] | undefined;
      /** For how long it had not been read before that, ms; left out: not known, or it never was. */
      readonly unreadMs?: number | undefined;
    }
  /** Of the device host: all devices that the cabinet has, and whether each can be relied on. None: it is gone. */
  | { readonly kind: 'sensors'; readonly sensors: readonly SensorHealth[] }
);

/**
 * What only the shopper knows: whether at least so many of this article were taken; `or`: what it most likely was otherwise, null:
 * nothing else. Asked once in a visit, after its door has shut.
 */
export interface ShelfQuestion {
  readonly sku: string;
  readonly count: number;
  readonly or: string | null;
}

export interface BaselineOptions {
  readonly force: boolean;
  readonly nowMs: number;
  readonly pastDay?: () => ReadonlyMap<string, ReadonlySet<string>>;
}

/** Whether what this device says can be relied on. */
export interface SensorHealth {
  readonly deviceId: string;
  readonly kind: DeviceHealth['kind'];
  readonly isReady: boolean;
}

/**
 * Makes lines out of what sensors report. Pure: time and reports come in as arguments. It lives as long as the
 * program, because it learns how its sensors work; `baseline` begins a new visit, with which `estimate` and `final`
 * then compare.
 */
export interface InventoryEstimator {
  /** Takes a report in. False: it makes nothing of this kind, so that nothing it says has changed. */
  observe(observation: Observation): boolean;
  /** The bolt of this one of several doors is let go: what lies behind it may be taken, whatever the door's contact says. */
  released(door: number): void;
  /** Each of its sensors has been received lately: what they say is believed. */
  isAlive(nowMs: number): boolean;
  /** False: a sensor reports, and for so long nothing could be made of it that nothing would ever be missed. */
  isUseful(nowMs: number): boolean;
  /**
   * What is in the cabinet behind the shut door. Null while something is undecided, unless `force`: then what is
   * undecided is left out, so that nobody pays for it; null also while the sensors or the catalogue are away, or as long as
   * nothing is there and that is undecided. What
   * fell silent behind a door that never opened since is in it, in doubt: never said to be taken nor missing, unless it
   * is heard again first. What is heard, most likely, beside the cabinet is in it as well, and unwatched when it is missing.
   * `pastDay`: tags of what is past its day, of articles whose pieces are known by their tags; asked for
   * once there is an inventory.
   */
  baseline(options: BaselineOptions): BaselineInventory | null;
  /**
   * Pieces that have fallen silent behind a door that never opened since, or were not heard again after a start, long enough
   * to tell somebody; not those that were told in the run before.
   */
  vanished(): number;
  /** The visit in which some of these were shown as taken when its door shut, and heard right after it; null: none. */
  vanishedAfter(): VisitId | null;
  /**
   * Pieces of the baseline that were silent before the door was opened, and have not been heard again: nobody's; those that
   * are gone since nobody watched; and those that were heard behind the shut door too shortly before the visit to be in its
   * baseline, and have left in it. Without any, those in doubt that an earlier visit has left, in the 1st, 4th, 16th … visit
   * after it: they may be there before a blind antenna, and be taken by any of them. `mayHaveBeenOpen`: it was read as open, or
   * not read for a while. Of a door that was not, those of this visit alone, and of one that was read as shut all the time
   * none that were silent.
   */
  unheard(mayHaveBeenOpen: boolean): number;
  /**
   * What is behind the shut door between two visits, to be remembered over a restart: JSON, of no meaning to anybody else;
   * nothing of it once the door is open. Null: it cannot be said just now.
   */
  betweenVisits(): unknown;
  /**
   * Goes on with what `betweenVisits` gave in the run before; anything else is none. Until it is heard again, or the door
   * opens, all of it is in doubt.
   */
  recallBetweenVisits(memory: unknown): void;
  /** Whether what is in stock can be read to the end after a visit; null: not known yet. */
  capacity(): CapacityVerdict | null;
  /**
   * How many of each product are in the cabinet between visits; of a product that its sensors cannot see, or of which
   * pieces fell silent behind a door that never opened since, there is no number. Null: not known, while the door is
   * open, something is undecided, or the sensors are away.
   */
  stock(nowMs: number): ReadonlyMap<string, number> | null;
  /** The tags of the pieces that `stock` counts. */
  stockTags(nowMs: number): ReadonlyMap<string, readonly string[]> | null;
  /**
   * Nothing is heard in the cabinet between visits, and nothing is in doubt; false as soon as anything is there. Null: not
   * known, as for `stock`.
   */
  isEmpty(nowMs: number): boolean | null;
  /** What differs from the baseline now, or as of the last report; what is in doubt stays as it was last said. */
  estimate(nowMs?: number): Estimate;
  /** The door has closed, or counts as closed: the final reading is made of what is reported from now on. `visit`: its number. */
  startFinal(nowMs: number, visit?: VisitId | null): void;
  /**
   * Since this was asked last: pieces that a final reading named as gone and that lie inside after all, each by the number of
   * that visit (null: not known any more).
   */
  foundAgain(): readonly (VisitId | null)[];
  /**
   * The reading for the bill; null while something is undecided, or asked (unless `force`), or without enough reports to tell.
   * `confirmed`: what the shopper has confirmed and stands; null or left out: nothing.
   */
  final(options: {
    readonly force: boolean;
    readonly nowMs: number;
    readonly confirmed?: readonly InventoryLine[] | null;
  }): FinalEstimate | null;
  /** What the final reading that was tried last wants to know of the shopper; null: nothing. */
  question(): ShelfQuestion | null;
  /** The shopper's answer to it: evidence as any other, and bounded. Void as soon as the door is open again. */
  answer(question: ShelfQuestion, answer: ShelfAnswer): void;
  /** Lanes whose scale has contradicted all others for so long that it has no say any more. */
  scalesAtOdds(): readonly number[];
  /** Why there is no product for goods that are missing after the visit; empty: none are of that kind. */
  unnamed(): readonly UnnamedGoods[];
  /** Its sensors have been heard for enough of the time since `startFinal`: a longer reading may settle what is open. */
  hearsFinal(nowMs: number): boolean;
  /** What it must remember over a restart to go on with the visit: JSON, of no meaning to anybody else. */
  memory(): unknown;
  /**
   * Goes on with what `memory` gave. `isUnwatched`: it was not running for so long that what left meanwhile is
   * nobody's for certain. False: that is no memory, and nothing can be said of this visit any more.
   */
  restore(memory: unknown, isUnwatched?: boolean): boolean;
}
