import { z } from 'zod';
import { pieceCountMax } from '../../shared/model/basket.ts';
import { epcSchema, skuSchema } from '../../shared/model/catalog.schema.ts';
import type { Currency } from '../../shared/money.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import { type InventoryLine, inventoryLinesSchema, moreThan } from '../recognition/inventory.ts';
import { liveEpsilon } from '../recognition/presence.ts';
import { readPhase } from './visit-phase.ts';
import { type Visit, type VisitStateName, visitContextSchema, visitStateNames } from './visit-model.ts';

/** Version of the form in which a visit is stored. What an older version wrote is brought up to it when it is read. */
export const storedVisitVersion = 5;

export interface StoredVisit extends Visit {
  readonly version: typeof storedVisitVersion;
  /** What the inventory estimator must remember to go on with this visit. */
  readonly estimator: unknown;
}

const outerSchema = z.object({
  version: z.literal(storedVisitVersion),
  state: z.enum(visitStateNames),
  context: visitContextSchema,
  estimator: z.unknown(),
});

/** The form of a visit that goes into the database. `estimator`: `InventoryEstimator.memory`. */
export function toStoredVisit(visit: Visit, estimator: unknown): StoredVisit {
  return { version: storedVisitVersion, state: visit.state, context: visit.context, estimator };
}

/**
 * Reads what `toStoredVisit` of this or an earlier version of the program has written. Never throws. `currency`: of its
 * charge on record, for a visit from a version that did not keep it with the prices; null: not known, and then such a
 * visit is unreadable, for nobody can tell what its amounts are.
 */
export function readStoredVisit(
  stored: unknown,
  currency: Currency | null = null,
): Result<{ visit: Visit; estimator: unknown }, { code: 'visit.unreadable'; message: string }> {
  const parsed = outerSchema.safeParse(toVersion5(stored, currency));
  if (!parsed.success) return fail('visit.unreadable', parsed.error.message);
  const { state, context, estimator } = parsed.data;
  const visit = { state, context };
  if (readPhase(visit) === null) {
    return fail('visit.unreadable', `what the visit knows does not fit the state ${state}`);
  }
  return ok({ visit, estimator });
}

/** Brings what an older version stored up to version 5, step by step; what is none stays as it is. */
function toVersion5(stored: unknown, currency: Currency | null): unknown {
  if (!isRecord(stored)) return stored;
  const known = 'version' in stored ? stored : fromVersion1(stored);
  const lines = isRecord(known) && known['version'] === 2 ? fromVersion2(known) : known;
  const attended = isRecord(lines) && lines['version'] === 3 ? fromVersion3(lines) : lines;
  return isRecord(attended) && attended['version'] === 4 ? fromVersion4(attended, currency) : attended;
}

/** Names of states in version 1 that are others today. */
const stateNamesOfVersion1: Readonly<Record<string, VisitStateName>> = {
  looking: 'identifyingByFace',
  identifying: 'identifyingByCode',
  door_ajar: 'ajar',
  out_of_service: 'outOfService',
  nothing_charged: 'nothingCharged',
  // The end of a visit was two steps.
  settling: 'receipt',
};

/** Version 1 carried no version; it has the content of version 2 under other names. */
function fromVersion1(stored: Readonly<Record<string, unknown>>): unknown {
  const { state, context } = stored;
  if (typeof state !== 'string' || !isRecord(context)) return null;
  const { shelf, faceOf, nothingWhy, serviceReason, basket, ...same } = context;
  return {
    version: 2,
    state: stateNamesOfVersion1[state] ?? state,
    context: {
      ...same,
      baseline: shelf,
      recognisedMemberId: faceOf ?? null,
      nothingChargedReason: nothingWhy,
      available: serviceReason === null,
      // What was put in is seen again as soon as the reader answers.
      foreign: [],
      basket: isRecord(basket) ? { ...basket, foreign: [] } : null,
    },
  };
}

const tagSchema = z.object({ epc: epcSchema, sku: skuSchema.nullable() });
const tagsSchema = z.array(tagSchema).max(pieceCountMax);
type Tag = z.infer<typeof tagSchema>;

/** What version 2 kept as sets of tags; all the rest is the same in version 3. */
const contextOfVersion2Schema = z.looseObject({
  baseline: z
    .object({ catalogVersion: z.string(), products: z.array(z.unknown()), tags: tagsSchema })
    .nullable(),
  taken: z.array(z.string()),
  foreign: tagsSchema,
  basket: z.looseObject({ foreign: tagsSchema }),
  confirmed: z.array(z.string()).nullable(),
  afterAbandoned: z.array(z.string()),
});

/** Version 2 kept sets of tags where there are lines now; the tags are what the estimator remembers. */
function fromVersion2(stored: unknown): unknown {
  if (!isRecord(stored)) return null;
  const parsed = contextOfVersion2Schema.safeParse(stored['context']);
  if (!parsed.success) return null;
  const { baseline, taken, foreign, basket, confirmed, afterAbandoned, ...same } = parsed.data;
  const tags = baseline?.tags ?? [];
  const ofBaseline = (epcs: readonly string[]): InventoryLine[] => {
    const wanted = new Set(epcs);
    return toLines(tags.filter(({ epc }) => wanted.has(epc)));
  };
  return {
    version: 3,
    state: stored['state'],
    context: {
      ...same,
      baseline: baseline && {
        catalogVersion: baseline.catalogVersion,
        products: baseline.products,
        lines: toLines(tags),
      },
      taken: ofBaseline(taken),
      added: toLines(foreign),
      basket: { ...basket, foreign: toLines(basket.foreign) },
      confirmed: confirmed && ofBaseline(confirmed),
      afterAbandoned: ofBaseline(afterAbandoned),
    },
    estimator: { tags, taken },
  };
}

const contextOfVersion3Schema = z.looseObject({
  taken: inventoryLinesSchema,
  added: inventoryLinesSchema,
  ajarLevel: z.number(),
  afterAbandoned: inventoryLinesSchema,
});

/** Version 3 forgot who looked after the open door as soon as somebody touched the screen, or the door. */
function fromVersion3(stored: Readonly<Record<string, unknown>>): unknown {
  const parsed = contextOfVersion3Schema.safeParse(stored['context']);
  if (!parsed.success) return null;
  const { taken, added, ajarLevel, afterAbandoned } = parsed.data;
  const isAbandoned = ajarLevel === 3 || afterAbandoned.length > 0;
  return {
    ...stored,
    version: 4,
    context: {
      ...parsed.data,
      attended: isAbandoned ? moreThan(taken, afterAbandoned) : null,
      reached: { taken, added },
      shownAtClose: stored['state'] === 'checking' ? taken : null,
    },
  };
}

/**
 * Version 4 had no wait in total, and counted nothing that began one anew; at first its prices were without their
 * currency.
 */
function fromVersion4(stored: Readonly<Record<string, unknown>>, currency: Currency | null): unknown {
  const { context } = stored;
  if (!isRecord(context)) return null;
  const baseline = isRecord(context['baseline']) ? { currency, ...context['baseline'] } : null;
  return {
    ...stored,
    version: storedVisitVersion,
    context: { ...context, baseline, resumedCount: 0, reopenedCount: 0, isOverdue: false, total: null },
  };
}

/** One line for each article. */
function toLines(tags: readonly Tag[]): InventoryLine[] {
  const skus = tags.map(({ sku }) => sku);
  return [...new Set(skus)].map((sku) => ({
    sku,
    quantity: skus.filter((other) => other === sku).length,
    confidence: 1 - liveEpsilon,
    sources: ['tags'],
  }));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
