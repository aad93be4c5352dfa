import { z } from 'zod';
import type { ChargeId, VisitId } from '../../shared/ids.ts';
import { chargeIdSchema, visitIdSchema } from '../../shared/ids.schema.ts';
import { chargeLineSchema, reasonCodeSchema } from '../../shared/model/charge.schema.ts';
import { type DoorState, doorStatesSchema } from '../../shared/model/device.ts';
import { doorMax, doorNumberSchema } from '../../shared/model/lock-spec.ts';
import { type Member, memberSchema } from '../../shared/model/member.schema.ts';
import type { Minor } from '../../shared/money.ts';
import { minorSchema } from '../../shared/money.schema.ts';
import { type OfflineAdmission, offlineAdmissionSchema } from '../../shared/model/offline-policy.schema.ts';
import type { VisitPurpose } from '../../shared/model/visit.ts';
import { visitPurposeSchema } from '../../shared/model/visit.schema.ts';
import { skuSchema } from '../../shared/model/catalog.schema.ts';
import { type ShelfAnswer, shelfAnswers } from '../../shared/model/shelf-question.ts';
import type { ShelfQuestion } from '../recognition/inventory-estimator.ts';
import type { ReasonCode } from '../../shared/model/charge.ts';
import { totalNames } from './limits.ts';
import { visitBasketSchema } from '../basket/basket.ts';
import {
  type BaselineInventory,
  type Estimate,
  type FinalEstimate,
  type InventoryLine,
  baselineInventorySchema,
  inventoryLinesSchema,
} from '../recognition/inventory.ts';

/** The states of a visit. One per thing that the cabinet can be doing. */
export const visitStateNames = [
  'recovering',
  'outOfService',
  'attract',
  'identifyingByCode',
  'identifyingByFace',
  'authorising',
  'account',
  'refused',
  'preparing',
  'choosingDoor',
  'unlocking',
  'shopping',
  'confirmed',
  'ajar',
  'checking',
  'receipt',
  'nothingCharged',
] as const;
export type VisitStateName = (typeof visitStateNames)[number];

/** Somebody may come in: the bolt has not moved yet. */
export const comingInStates: readonly VisitStateName[] = [
  'identifyingByCode',
  'identifyingByFace',
  'authorising',
  'preparing',
];

/** From here on goods may leave: a restart must resume the visit, never drop it. */
export const openVisitStates: readonly VisitStateName[] = [
  'unlocking',
  'shopping',
  'confirmed',
  'ajar',
  'checking',
];

const billSchema = z.object({
  lines: z.array(chargeLineSchema),
  heldLines: z.array(chargeLineSchema),
  totalMinor: minorSchema,
  review: z.array(reasonCodeSchema),
});

/** All that is needed to go on after a power cut. Parsed when read back. */
export const visitContextSchema = z.object({
  visitId: visitIdSchema.nullable(),
  chargeId: chargeIdSchema.nullable(),
  /** `account`: for "my data", also before anybody is identified; the door stays shut. */
  purpose: visitPurposeSchema.default('visit'),
  code: z.string().nullable(),
  /** Identified by face: the member that the cabinet recognised. In "my data" nobody else was asked. */
  recognisedMemberId: z.string().nullable().default(null),
  /** `display`: empty where nobody has told the name (let in offline). */
  member: memberSchema.extend({ display: z.string().max(40) }).nullable(),
  /** The most that it may cost before the shopper is warned, as the operator has said; null: it has not. */
  maxMinor: minorSchema.nullable().default(null),
  /** By what the cabinet itself has let the shopper in; null: the operator has. */
  admission: offlineAdmissionSchema.nullable().default(null),
  baseline: baselineInventorySchema.nullable(),
  /** What differs from the baseline, as the estimator said last. */
  taken: inventoryLinesSchema,
  added: inventoryLinesSchema,
  basket: visitBasketSchema,
  /** What the shopper confirmed as taken, while the confirmation stands. */
  confirmed: inventoryLinesSchema.nullable(),
  reported: z.array(z.string()),
  ajarLevel: z.number().int().min(0).max(3),
  /** What had left watched when the staff was told of the open door; from then on until the visit ends all else is held. */
  attended: inventoryLinesSchema.nullable(),
  /** The most that left while nobody looked after the open door; versions before `unwatched` counted that in. */
  afterAbandoned: inventoryLinesSchema,
  /** Of what is taken now, and not of `afterAbandoned`: left while nobody watched. Once the door is shut, the most of it. */
  unwatched: inventoryLinesSchema.default([]),
  /** The most that was taken and put in so far: only more than that is a sign of somebody at the door. */
  reached: z.object({ taken: inventoryLinesSchema, added: inventoryLinesSchema }),
  /** What was on screen as taken when the door shut. */
  shownAtClose: inventoryLinesSchema.nullable(),
  /** Of this many doors the shopper chooses; earlier versions knew one. */
  doorCount: z.number().int().min(1).max(doorMax).default(1),
  /** Of several, those that were out of service when the visit began: they are not opened. Earlier versions knew none. */
  stuckDoors: z.array(doorNumberSchema).default([]),
  /** Which of several was unlocked last; null: none yet, or there is one. */
  chosenDoor: doorNumberSchema.nullable().default(null),
  /** Unlocked, and not seen open since: its latch may wait for a hand. With one door this is what the state says. */
  releasedDoors: z.array(doorNumberSchema).default([]),
  /** How often a door was unlocked beside the first. */
  moreDoorsCount: z.number().int().min(0).default(0),
  /** Of each of several doors, as told last. */
  doors: doorStatesSchema.default([]),
  doorWasOpen: z.boolean(),
  /** It was not read for a while since the bolt was released: it may have been opened unseen. Earlier versions did not say. */
  doorWasUnread: z.boolean().default(false),
  /** While the bolt is released: the lock does not say any more whether the door is open. */
  doorLost: z.boolean().default(false),
  unlockFailed: z.boolean(),
  /** What the lock board said to the last unlock command; `none`: nothing yet. */
  unlockAnswer: z.enum(['none', 'opened', 'failed']).default('none'),
  /** How often the shopper had it unlocked once more, because the door would not open. */
  unlockedAgainCount: z.number().int().min(0).default(0),
  /** Taken up again after a restart: the shelf is listened to for longer. */
  recovered: z.boolean(),
  /** How often the program has started again in the course of it. */
  resumedCount: z.number().int().min(0),
  /** How often the door opened again while the shelf was read for the last time. */
  reopenedCount: z.number().int().min(0),
  /** It lasted too long, or too much began anew: staff was told, and a human looks at the charge. */
  isOverdue: z.boolean(),
  /** What the shopper is asked once the door has shut, until it is answered or taken back; earlier versions never asked. */
  question: z
    .object({ sku: skuSchema, count: z.int().min(1), or: skuSchema.nullable() })
    .nullable()
    .default(null),
  /** It was asked in this closing: there is no second one. */
  isAsked: z.boolean().default(false),
  answered: z.enum(shelfAnswers).nullable().default(null),
  bill: billSchema.nullable(),
  refusedReason: reasonCodeSchema.nullable(),
  nothingChargedReason: z.enum(['not_opened', 'nothing_taken', 'unlock_failed', 'cancelled']).nullable(),
  openedAtMs: z.number().nullable(),
  closedAtMs: z.number().nullable(),
  /** A visit may begin: as the cabinet's availability was told to the visit last. */
  available: z.boolean(),
  /** A report that is being filled in, and whether the one who does so was asked to go on. */
  form: z
    .object({ chargeId: chargeIdSchema, skus: z.array(z.string()), isWarned: z.boolean() })
    .nullable()
    .default(null),
  /** How often a touch has given the receipt more time. */
  receiptHeldCount: z.number().int().min(0).default(0),
  /** The one wait that is running; `seq` tells a late timer from the current one. */
  timer: z.object({ seq: z.number().int(), durationMs: z.number() }).nullable(),
  timerSeq: z.number().int(),
  /** The end of all waits of this kind together; `of` says which. Not begun anew with them. */
  total: z.object({ seq: z.number().int(), durationMs: z.number(), of: z.enum(totalNames) }).nullable(),
});
export type VisitContext = z.infer<typeof visitContextSchema>;

/** A visit at one moment. Opaque to callers but for these two. */
export interface Visit {
  readonly state: VisitStateName;
  readonly context: VisitContext;
}

/** What happened. `atMs` is wall time, the operator's where it is known: for the record only. */
export type VisitEvent =
  /** `isDoorForced`: it is open, and no visit explains it. */
  | { type: 'availabilityChanged'; available: boolean; isDoorForced: boolean }
  /** The program has started again with this visit in hand. */
  | { type: 'resumed' }
  | { type: 'chooseCode' }
  | { type: 'chooseFace' }
  /** By code; by face while there is no network to check a code with. */
  | { type: 'chooseAccount'; by: 'code' | 'face' }
  | { type: 'codeScanned'; code: string; visitId: VisitId; chargeId: ChargeId }
  | { type: 'faceAccepted'; memberId: string; visitId: VisitId; chargeId: ChargeId }
  /** Somebody is using the screen: its time-out begins again. */
  | { type: 'active' }
  | { type: 'codeRefused'; reason: ReasonCode }
  | { type: 'cancel' }
  /** `maxMinor`: left out in journals from before it was told. `admission`: the cabinet itself has decided, offline. */
  | { type: 'authorised'; member: Member; maxMinor?: Minor; admission?: OfflineAdmission }
  | { type: 'refused'; reason: ReasonCode }
  /** `doorCount`: left out where there is one. `stuckDoors`: of several, those out of service by themselves. */
  | {
      type: 'baseline';
      inventory: BaselineInventory;
      atMs: number;
      doorCount?: number;
      stuckDoors?: readonly number[];
    }
  /** This one of several doors, counted from 1: the first, or one more. */
  | { type: 'openDoor'; door: number }
  /** `door`: of several. */
  | { type: 'unlocked'; door?: number }
  /** The shopper cannot pull the door open. */
  | { type: 'unlockAgain' }
  | { type: 'unlockFailed'; door?: number }
  /** `inNumber`: it had to wait for the disk, and these goods were in the number on the screen when it came. */
  | {
      type: 'door';
      /** Of all doors as one. */
      door: DoorState;
      /** Of each; left out where there is one. */
      doors?: readonly DoorState[];
      atMs: number;
      inNumber?: readonly InventoryLine[];
    }
  /** What follows happened after nothing could be put on record, nor shown, for `commitLateMs`. */
  | { type: 'unrecorded' }
  | ({ type: 'evidence' } & Estimate)
  | { type: 'confirm'; revision: number }
  | { type: 'report'; sku: string; wrong: boolean }
  | { type: 'finalReading'; reading: FinalEstimate }
  /** The reader is heard, and a slow one needs longer to tell what is missing. */
  | { type: 'readingContinues' }
  /** What only the shopper knows; null: not any more. */
  | { type: 'question'; question: ShelfQuestion | null }
  /** About this article and so many of it, as it stood on the screen. */
  | { type: 'answer'; sku: string; count: number; answer: ShelfAnswer }
  | { type: 'finish' }
  /** The receipt was touched: there is more time for it. */
  | { type: 'holdReceipt' }
  /** A report is opened, marked, or just touched; `skus`: the lines that are marked. */
  | { type: 'formChanged'; chargeId: ChargeId; skus: readonly string[] }
  /** The shopper goes back from it. */
  | { type: 'formClosed' }
  /** A dispute is on record: the screen says so for its usual time. */
  | { type: 'disputed' }
  | { type: 'timer'; seq: number }
  /** The wait in total is over. */
  | { type: 'overdue'; seq: number };

/** How the shopper was identified: by a member code, or by the face of a member. */
export type Credential =
  { readonly code: string; readonly purpose: VisitPurpose } | { readonly recognisedMemberId: string };

/**
 * What the machine wants done. Record effects (`isRecordEffect`) are committed in the same database transaction as
 * the new state, before any other effect is performed; if that commit fails, the transition has not happened.
 */
export type VisitEffect =
  | { type: 'openCharge' }
  | { type: 'settleCharge' }
  | { type: 'authorise'; credential: Credential }
  | { type: 'takeBaseline' }
  /** `door`: left out where there is one. */
  | { type: 'unlock'; door?: number }
  | { type: 'takeFinalReading' }
  /** The shopper has answered. */
  | { type: 'useAnswer' }
  /** The wait for the final reading is a longer one from now on. */
  | { type: 'continueReading' }
  /** `detail`: more than the state of the visit says, for people. */
  | { type: 'raiseAlarm'; alarm: 'door_left_open' | 'device_fault'; detail?: string };
export type RecordEffect = Extract<VisitEffect, { type: 'openCharge' | 'settleCharge' }>;

/** True for an effect that belongs into the transaction which commits the new state. */
export function isRecordEffect(effect: VisitEffect): effect is RecordEffect {
  return effect.type === 'openCharge' || effect.type === 'settleCharge';
}
