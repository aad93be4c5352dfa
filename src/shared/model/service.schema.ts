import { z } from 'zod';
import { goodsOrderSchema } from './goods-order.schema.ts';
import { setupViewSchema } from './device-setup.schema.ts';
import { settingsViewSchema } from './cabinet-settings.schema.ts';
import { officeViewSchema } from './service-office.schema.ts';
import { serviceOrderSchema } from './service-order.schema.ts';
import { deviceHealthSchema, deviceTroubleSchema, doorStateSchema, doorStatesSchema } from './device.ts';
import { testOrderSchema, testsViewSchema } from './self-test.schema.ts';
import { testSteps } from './self-test.ts';
import { trendsViewSchema, bandSeriesSchema } from './trends.schema.ts';
import { localTextSchema, skuSchema } from './catalog.schema.ts';
import { photosViewSchema } from './goods-photo.schema.ts';
import { planSlotSchema } from './planogram.schema.ts';
import { restockSchema } from './restock.schema.ts';
import { stockDifferenceSchema, stockLotSchema } from './stock.schema.ts';
import {
  leaveRefusals,
  serviceActs,
  serviceOutcomes,
  serviceRoles,
  staffCountMax,
  staffListLifeMs,
} from './service.ts';

/** By what somebody of a cabinet's staff is known there. */
export const staffNoSchema = z.string().regex(/^\d{4,6}$/);
export const staffNameSchema = z.string().trim().min(1).max(40);
export const serviceRoleSchema = z.enum(serviceRoles);
/** A PIN or a one-time code, as it was typed. */
export const secretSchema = z.string().max(24);
const timeMsSchema = z.number().int().min(0);

/** Argon2id with exactly these parameters (shared/model/service.ts): each takes as long, and nobody asks for gigabytes. */
const pinHashSchema = z
  .string()
  .regex(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);

export const staffListEntrySchema = z.object({
  staffNo: staffNoSchema,
  name: staffNameSchema,
  role: serviceRoleSchema,
  pinHash: pinHashSchema.nullable(),
  duressHash: pinHashSchema.nullable(),
  pinVersion: z.number().int().min(0),
});

/**
 * Answer to `GET /v1/cabinet-staff`: who may open service mode at this one cabinet. A cabinet takes it only when a present key of
 * its operator has signed the answer, when it is of this cabinet, no older than the one it keeps, and not out of date.
 */
export const staffListSchema = z
  .object({
    /** Rises with each change; that of this operator, for all its cabinets. */
    version: z.number().int().min(1),
    issuedAtMs: timeMsSchema,
    /** From then on no PIN opens anything; a one-time code still does. */
    expiresAtMs: timeMsSchema,
    cabinetId: z.string().max(64),
    /** Seals this cabinet's one-time codes (shared/node/service-code.ts): 32 bytes, base64url. */
    codeKey: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
    staff: z.array(staffListEntrySchema).max(staffCountMax),
  })
  .refine(({ issuedAtMs, expiresAtMs }) => expiresAtMs > issuedAtMs, { message: 'it ends before it begins' })
  .refine(({ issuedAtMs, expiresAtMs }) => expiresAtMs - issuedAtMs <= staffListLifeMs, {
    message: 'it is good for too long',
  })
  .refine(({ staff }) => new Set(staff.map((one) => one.staffNo)).size === staff.length, {
    message: 'somebody is in it twice',
  });
export type StaffList = z.infer<typeof staffListSchema>;

const sessionIdSchema = z.string().regex(/^[A-Za-z0-9_-]{22}$/);
/** Every call of a session names it: what was meant for another one does nothing. */
export const ofSessionSchema = z.object({ sessionId: sessionIdSchema }).strict();
export const deviceOfSessionSchema = ofSessionSchema.extend({ deviceId: z.string().max(64) }).strict();
export const testOfSessionSchema = ofSessionSchema.extend({ order: testOrderSchema }).strict();
export const testAnswerOfSessionSchema = ofSessionSchema
  .extend({ step: z.enum(testSteps), yes: z.boolean() })
  .strict();
export const goodsOfSessionSchema = ofSessionSchema.extend({ order: goodsOrderSchema }).strict();
export const orderOfSessionSchema = ofSessionSchema.extend({ order: serviceOrderSchema }).strict();
export const lightOfSessionSchema = ofSessionSchema.extend({ on: z.boolean() }).strict();

const stockLineSchema = z.object({
  sku: skuSchema,
  name: localTextSchema,
  /** As it was before the door was opened; null: not known. */
  before: z.number().int().nullable(),
  now: z.number().int(),
});

/** How warm it is inside. Thousandths of a degree; nulls: not known, or no limit. */
export const coolingViewSchema = z.object({
  milliC: z.number().int().nullable(),
  maxMilliC: z.number().int().nullable(),
  forMinutes: z.number().int().nullable(),
  isAbove: z.boolean(),
  /** It was too warm for too long, and nobody has looked at the goods since. */
  isSpoilt: z.boolean(),
  /** Of the last day. */
  dayMinMilliC: z.number().int().nullable(),
  dayMaxMilliC: z.number().int().nullable(),
  /** The last day in steps of ten minutes, and the last week in hours. */
  day: bandSeriesSchema,
  week: bandSeriesSchema,
});
export type CoolingView = z.infer<typeof coolingViewSchema>;

/** A device as whoever mends it sees it. */
const shownDeviceSchema = deviceHealthSchema.extend({
  /** What is wrong with it, in a word that page has words for; null: nothing. */
  trouble: deviceTroubleSchema.shape.code.nullable(),
  /** Since when it is as it is, by the operator's time. */
  sinceMs: z.number().nullable(),
  /** How long ago it was heard, ms; null: never. */
  heardAgoMs: z.number().int().nullable(),
});
export type ShownDevice = z.infer<typeof shownDeviceSchema>;

const logEntrySchema = z.object({
  seq: z.number().int(),
  atMs: z.number(),
  actor: z.string(),
  act: z.string(),
  detail: z.string(),
});

/**
 * What the page draws of service mode; null where it is closed, and then the shopper's screen stands there. Of what is typed
 * at the number pad, which the PIN view has (pin-pad.schema.ts), it is told what comes of it, and nothing else.
 */
export const serviceViewSchema = z.discriminatedUnion('screen', [
  /** Nobody is signed in: the number pad lies over the page, or has ended as nobody meant it to. */
  z.object({
    screen: z.literal('covered'),
    isPadLost: z.boolean(),
    /** Somebody has been at work, and the door was not seen shut since. */
    isAtWork: z.boolean(),
    door: doorStateSchema,
  }),
  z.object({
    screen: z.literal('open'),
    sessionId: sessionIdSchema,
    name: z.string(),
    role: serviceRoleSchema,
    acts: z.array(z.enum(serviceActs)),
    /** Of all as one. */
    door: doorStateSchema,
    /** Each of several doors; empty: there is one. */
    doors: doorStatesSchema.default([]),
    /** The door is open, or the bolt may be loose: what is taken now is on nobody's bill. */
    isUnbilled: z.boolean(),
    whyNotLeave: z.enum(leaveRefusals).nullable(),
    /** The number pad has ended as nobody meant it to, and what it was for was not done. */
    isPadLost: z.boolean(),
    /** What became of the last act. */
    last: z
      .object({
        act: z.enum(serviceActs),
        outcome: z.enum(serviceOutcomes),
        detail: z.string().max(200),
      })
      .nullable(),
    /** An act is under way: no other is begun. */
    isBusy: z.boolean(),
    endsInMs: z.number().int(),
    devices: z.array(shownDeviceSchema),
    /** Null: there is no thermometer. */
    cooling: coolingViewSchema.nullable(),
    /** Null: not for this role. */
    trends: trendsViewSchema.nullable().default(null),
    /** Null: not for this role. */
    tests: testsViewSchema.nullable(),
    /** What lies inside by its tags; null: it is not settled yet. */
    stock: z.array(stockLineSchema).nullable(),
    /** All that may be sold here. */
    products: z.array(z.object({ sku: skuSchema, name: localTextSchema })),
    /** The guided restock that is under way; null: none. */
    restock: restockSchema.extend({ isInterrupted: z.boolean() }).nullable(),
    /** What is to stand here; null: nobody has said. Versions null: none was filled so far, or none is newer. */
    plan: z
      .object({
        version: z.number().int().nullable(),
        draftVersion: z.number().int().nullable(),
        /** Why the newer one cannot be filled here: a word of `planProblems`, a colon, what it is about. */
        problem: z.string().nullable(),
        lines: z.array(
          planSlotSchema.extend({ name: localTextSchema.nullable(), now: z.number().int().nullable() }),
        ),
      })
      .nullable(),
    /** Where articles stand by the plan that was filled last, with what was moved since; null: there is none. */
    places: z
      .array(
        z.object({
          sku: skuSchema,
          name: localTextSchema.nullable(),
          slot: planSlotSchema.shape.slot,
          /** Where the operator's plan wants it. */
          planned: planSlotSchema.shape.slot,
          /** Who has moved it, and when; null: it stands where the plan wants it. */
          moved: z.object({ by: z.string(), atMs: z.number() }).nullable(),
          /** It counts once the goods are accepted. */
          isWaiting: z.boolean(),
        }),
      )
      .nullable()
      .default(null),
    /** Photos by which articles are recognised; null: there is no camera inside. */
    photos: photosViewSchema.nullable().default(null),
    /** Until when goods are good, the soonest first. */
    lots: z.array(
      stockLotSchema.extend({ name: localTextSchema.nullable(), state: z.enum(['expired', 'soon', 'good']) }),
    ),
    /** The bar code that was held before the scanner last; sku null: no product carries it. */
    scanned: z.object({ text: z.string(), sku: skuSchema.nullable(), seq: z.number().int() }).nullable(),
    /** Where a count has differed from what should lie there, the newest first. Name null: of goods that are sold no more. */
    differences: z.array(stockDifferenceSchema.extend({ name: localTextSchema.nullable() })),
    charges: z.object({ unsettledCount: z.number().int(), oldestAtMs: z.number().nullable() }).nullable(),
    /** Null: not for this role, or not readable. */
    office: officeViewSchema.nullable(),
    /** Null: not for this role. */
    settings: settingsViewSchema.nullable().default(null),
    /** The devices as they are set up; null: not for this role. */
    setup: setupViewSchema.nullable().default(null),
    isOnline: z.boolean(),
    log: z.array(logEntrySchema).nullable(),
  }),
]);
export type ServiceView = z.infer<typeof serviceViewSchema>;
