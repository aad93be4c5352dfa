import { sql } from 'drizzle-orm';
import {
  bigint,
  bigserial,
  boolean,
  doublePrecision,
  integer,
  pgTable,
  primaryKey,
  text,
} from 'drizzle-orm/pg-core';
import type { ChargeReply, VisitEnd } from '../../shared/api/operator.ts';
import type { ReasonCode } from '../../shared/model/charge.ts';
import type { ResolutionActor, ResolutionHow } from '../../shared/model/resolution.ts';
import type { Currency } from '../../shared/money.ts';

export { bill, billLine, difference } from './bill-schema.ts';
export { memberLink, phoneReport, phoneSession, reportPhoto } from './phone-schema.ts';
export { cabinetServiceKey, cabinetStaff, cabinetStaffVersion } from './cabinet-staff-schema.ts';
export { catalogVersion, goodsPicture } from './catalog-schema.ts';
export { chargeByHand } from './by-hand-schema.ts';
export { memberMessage } from './message-schema.ts';
export { evidencePart, evidenceWish } from './evidence-schema.ts';
export { supportBundle } from './support-schema.ts';
export { fakeRefund, refund } from './refund-schema.ts';
export { staffAccount, staffAct, staffProposal, staffRecoveryCode, staffSession } from './staff-schema.ts';
export { cabinetSettings, cabinetSettingsReport, cabinetState } from './settings-schema.ts';
export { cabinetStock, planogram, stockDifference } from './stock-schema.ts';
export { promotionTold, promotionVersion } from './promotion-schema.ts';
export { cabinetInForce, updateOrder, updateReport } from './update-schema.ts';

/**
 * The tables as drizzle sees them; migrations.ts makes them (storage.test.ts holds the two together).
 * Money is integer minor units. Times are wall-clock ms since the Unix epoch. Texts from outside are JSON text, never
 * jsonb: PostgreSQL cannot hold U+0000 and JSON text escapes it.
 */
const timeMs = (name: string) => bigint(name, { mode: 'number' });

export const cabinet = pgTable('cabinet', {
  cabinetId: text('cabinet_id').primaryKey(),
  /** SHA-256 (hex) of the one-time token; the token itself is never stored. */
  tokenHash: text('token_hash').notNull(),
  /** Open until a key has enrolled with it; afterwards only the same key may repeat. */
  tokenOpen: boolean('token_open').notNull(),
  /** Until then a key may enrol with it. */
  tokenEndsAtMs: timeMs('token_ends_at_ms').notNull().default(0),
  /** Ed25519, raw, base64url. */
  publicKey: text('public_key'),
  enrolledAtMs: timeMs('enrolled_at_ms'),
  /** Where it stands, for people (LocalText as JSON); null: nobody has said. */
  place: text('place'),
  /** The same on the map (degrees, WGS 84); both or neither. */
  latitude: doublePrecision('latitude'),
  longitude: doublePrecision('longitude'),
});

export const nonce = pgTable(
  'nonce',
  {
    cabinetId: text('cabinet_id').notNull(),
    nonce: text('nonce').notNull(),
    /** When the request's own time has become too old to be accepted anyway. */
    expiresAtMs: timeMs('expires_at_ms').notNull(),
  },
  (t) => [primaryKey({ columns: [t.cabinetId, t.nonce] })],
);

export const member = pgTable('member', {
  memberId: text('member_id').primaryKey(),
  display: text('display').notNull(),
  /** Last four digits of the phone, to tell two alike faces apart; null: not known. */
  phoneLastDigits: text('phone_last_digits'),
  /** Where the member's account is (providers/registry.ts). */
  provider: text('provider').notNull(),
  standing: text('standing', { enum: ['active', 'suspended'] }).notNull(),
  /** Debt that is not one of our charges (an older system, the provider's own risk control). */
  owedElsewhereMinor: integer('owed_elsewhere_minor').notNull(),
  /** When the operator last let them in by more than a cabinet's word, to the hour; null: never. */
  verifiedAtMs: timeMs('verified_at_ms'),
  note: text('note').notNull(),
  /** In which they want to be spoken to; null: they have not said. */
  language: text('language', { enum: ['zh', 'en'] }),
});

/**
 * One row each time somebody was let in or refused at a cabinet. A member code works once because its nonce is unique; a
 * visit that asks again is given the answer that it had.
 */
export const visit = pgTable('visit', {
  id: bigserial('id', { mode: 'number' }).primaryKey(),
  cabinetId: text('cabinet_id').notNull(),
  visitId: text('visit_id').notNull(),
  memberId: text('member_id').notNull(),
  /** `account`: "my data". The door stays shut, and the visit can never be charged. */
  purpose: text('purpose', { enum: ['visit', 'account'] }).notNull(),
  entryMethod: text('entry_method', { enum: ['code', 'face'] }).notNull(),
  /** Null for a face. */
  codeNonce: text('code_nonce'),
  allowed: boolean('allowed').notNull(),
  /** An enrolment code was shown: one face may be enrolled (members/face-enrolments.ts). */
  mayEnrol: boolean('may_enrol').notNull().default(false),
  /** As the cabinet has named the face; null: by code, or a cabinet from before. */
  enrolmentId: text('enrolment_id'),
  /** How that face stood when it was let in: its charge is judged by this. Null: by code, or written by an instance from before. */
  faceStanding: text('face_standing', { enum: ['verified', 'claimed'] }),
  /** The answer that was given (JSON), for the repeat of the same visit. */
  reply: text('reply').notNull(),
  atMs: timeMs('at_ms').notNull(),
  /** The cabinet let the member in while it was offline, by this policy, and `atMs` is its word; null: the operator did. */
  offlinePolicyVersion: timeMs('offline_policy_version'),
  /** Of the charge that it will have, as its cabinet has named it; null: not a visit, or a cabinet from before. */
  chargeId: text('charge_id'),
  /** When to look whether its end has been heard of; null: it was, or is not expected to be, or is listed. */
  watchAtMs: timeMs('watch_at_ms'),
  /** When people were told last that nothing was heard of it. */
  listedAtMs: timeMs('listed_at_ms'),
});

/** What cabinets were told that they may do while they are offline; the newest counts. One for the whole fleet. */
export const offlinePolicy = pgTable('offline_policy', {
  /** Rises; seconds since the epoch where that is more, so that it rises over a database that was put back, too. */
  version: bigint('version', { mode: 'number' }).primaryKey(),
  issuedAtMs: timeMs('issued_at_ms').notNull(),
  expiresAtMs: timeMs('expires_at_ms').notNull(),
  /** Of what makes a new one due at once when it changes. */
  fingerprint: text('fingerprint').notNull(),
  /** OfflineCaps as JSON. */
  caps: text('caps').notNull(),
  /** What all cabinets are told alike (JSON); null: another has taken its place. */
  told: text('told'),
});

/** Public keys of member codes that cabinets were told, so that a late charge's proof can be read when the key is gone. */
export const offlineCodeKey = pgTable('offline_code_key', {
  /** Ed25519, raw, base64url. */
  publicKey: text('public_key').primaryKey(),
  toldAtMs: timeMs('told_at_ms').notNull(),
});

/** An order at a provider that was opened before the door. Its number is the charge's. */
export const visitOrder = pgTable('visit_order', {
  orderId: text('order_id').primaryKey(),
  provider: text('provider').notNull(),
  cabinetId: text('cabinet_id').notNull(),
  visitId: text('visit_id').notNull(),
  memberId: text('member_id').notNull(),
  /**
   * `asked`: it may be open. `refused`: the provider does not want it, and the door stayed shut. Ended: `debited`, `closed`;
   * `failed`: it could not be closed, and people were told.
   */
  state: text('state', {
    enum: ['asked', 'open', 'refused', 'debited', 'closed', 'failed'],
  }).notNull(),
  openedAtMs: timeMs('opened_at_ms').notNull(),
  /** When to look whether it is to be closed; null: it has ended. */
  dueAtMs: timeMs('due_at_ms'),
  /** How often in a row closing it has come to nothing. */
  failureCount: integer('failure_count').notNull(),
  /** Rises with each lease: an answer to an older one changes nothing. */
  leaseCount: integer('lease_count').notNull(),
});

/** How a visit has ended, as its cabinet has said; the first report stands. */
export const visitClosing = pgTable(
  'visit_closing',
  {
    cabinetId: text('cabinet_id').notNull(),
    visitId: text('visit_id').notNull(),
    chargeId: text('charge_id').notNull(),
    ended: text('ended').$type<VisitEnd>().notNull(),
    /** What its bill comes to and what is held beside it, as the cabinet says; 0 but for `charge`. */
    totalMinor: integer('total_minor').notNull(),
    heldMinor: integer('held_minor').notNull(),
    closedAtMs: timeMs('closed_at_ms').notNull(),
    receivedAtMs: timeMs('received_at_ms').notNull(),
    /** SHA-256 (hex) of the canonical body. */
    bodyHash: text('body_hash').notNull(),
  },
  (t) => [primaryKey({ columns: [t.cabinetId, t.visitId] })],
);

/**
 * Whose face is kept at which cabinet, as far as the operator knows; of the face itself nothing. A row goes a while after
 * it was withdrawn.
 */
export const faceEnrolment = pgTable(
  'face_enrolment',
  {
    cabinetId: text('cabinet_id').notNull(),
    enrolmentId: text('enrolment_id').notNull(),
    memberId: text('member_id').notNull(),
    standing: text('standing', { enum: ['verified', 'claimed'] }).notNull(),
    /** Of the enrolment code, which is good for one face; null: claimed. */
    codeNonce: text('code_nonce'),
    enrolledAtMs: timeMs('enrolled_at_ms').notNull(),
    /** A claimed one counts until then; null: no end. */
    endsAtMs: timeMs('ends_at_ms'),
    withdrawnAtMs: timeMs('withdrawn_at_ms'),
    /** The cabinet has said that it keeps it no more; null: not yet, and it is asked to. */
    deletedAtMs: timeMs('deleted_at_ms'),
  },
  (t) => [primaryKey({ columns: [t.cabinetId, t.enrolmentId] })],
);

/** Faces that were withdrawn and are not enrolled here: an enrolment that comes after its withdrawal is refused. */
export const earlyWithdrawal = pgTable(
  'early_withdrawal',
  {
    cabinetId: text('cabinet_id').notNull(),
    enrolmentId: text('enrolment_id').notNull(),
    atMs: timeMs('at_ms').notNull(),
  },
  (t) => [primaryKey({ columns: [t.cabinetId, t.enrolmentId] })],
);

/** The operator's keys for member codes; the newest signs, the one before is still good. */
export const memberCodeKey = pgTable('member_code_key', {
  keyId: bigserial('key_id', { mode: 'number' }).primaryKey(),
  /** Ed25519, PKCS #8, PEM. */
  privateKey: text('private_key').notNull(),
  /** By the database's clock. */
  madeAtMs: timeMs('made_at_ms')
    .notNull()
    .default(sql`(extract(epoch from clock_timestamp()) * 1000)::bigint`),
});

/** The key that signs the operator's answers, where none is given to it (development): one row. */
export const answerKey = pgTable('answer_key', {
  keyId: bigserial('key_id', { mode: 'number' }).primaryKey(),
  /** Ed25519, PKCS #8, PEM. */
  privateKey: text('private_key').notNull(),
});

/** What a member is told; it waits here until the phone looks. Once for each thing (`ref`) that it is about. */
export const memberNotice = pgTable('member_notice', {
  id: bigserial('id', { mode: 'number' }).primaryKey(),
  memberId: text('member_id').notNull(),
  kind: text('kind', {
    enum: [
      'face_enrolled',
      'face_withdrawn',
      'face_unconfirmed',
      'charged_by_face',
      'charged_by_hand',
      'debt',
      'debt_reminder',
    ],
  }).notNull(),
  /** Of the enrolment or the charge. */
  ref: text('ref').notNull(),
  cabinetId: text('cabinet_id').notNull(),
  /** Null: it is not about money. */
  amountMinor: integer('amount_minor'),
  currency: text('currency').$type<Currency>(),
  atMs: timeMs('at_ms').notNull(),
});

/**
 * One row per turn of a cabinet's code screen that a member has scanned. Makes a cabinet code work once, and keeps
 * the member code that was made for it, which is good at that cabinet only.
 */
export const qrSignIn = pgTable(
  'qr_sign_in',
  {
    cabinetId: text('cabinet_id').notNull(),
    showing: text('showing').notNull(),
    memberId: text('member_id').notNull(),
    code: text('code').notNull(),
    codeNonce: text('code_nonce').notNull(),
    /** When the member code has ended; for which cabinet it was made is kept on. */
    expiresAtMs: timeMs('expires_at_ms').notNull(),
  },
  (t) => [primaryKey({ columns: [t.cabinetId, t.showing] })],
);

/** Prices that are or were served. */
export const catalogPrice = pgTable(
  'catalog_price',
  {
    sku: text('sku').notNull(),
    currency: text('currency').$type<Currency>().notNull(),
    unitPriceMinor: integer('unit_price_minor').notNull(),
    /** When another catalogue took its place; null: served now. */
    untilMs: timeMs('until_ms'),
    /** When it was served first; null: before that was noted. */
    sinceMs: timeMs('since_ms'),
  },
  (t) => [primaryKey({ columns: [t.sku, t.currency, t.unitPriceMinor] })],
);

/** Which database this was when it was last opened (put-back.ts): one row. */
export const databaseIdentity = pgTable('database_identity', {
  onlyRow: boolean('only_row').primaryKey().default(true),
  /** Empty: it does not say. */
  identity: text('identity').notNull(),
  /** When it was last put back, as far as anybody has seen or said. */
  putBackAtMs: timeMs('put_back_at_ms'),
});

export const charge = pgTable('charge', {
  chargeId: text('charge_id').primaryKey(),
  cabinetId: text('cabinet_id').notNull(),
  visitId: text('visit_id').notNull(),
  memberId: text('member_id').notNull(),
  /** The operator itself has let this member in at this cabinet for this visit, which has no other charge from before. */
  visitKnown: boolean('visit_known').notNull(),
  currency: text('currency').$type<Currency>().notNull(),
  totalMinor: integer('total_minor').notNull(),
  state: text('state').$type<ChargeReply['state']>().notNull(),
  reason: text('reason').$type<ReasonCode>(),
  /** A human shall look at it, whether or not it is debited meanwhile. */
  review: boolean('review').notNull(),
  /** The canonical body as received, and its SHA-256 (hex): the first one wins. */
  body: text('body').notNull(),
  bodyHash: text('body_hash').notNull(),
  /** How often this same body arrived. */
  receivedCount: integer('received_count').notNull(),
  firstAtMs: timeMs('first_at_ms').notNull(),
  paidAtMs: timeMs('paid_at_ms'),
  /** When the debit worker takes it up; null: not its business (any more). */
  nextAttemptAtMs: timeMs('next_attempt_at_ms'),
  /** Of before the database was put back: nothing is asked of anybody before its cabinet has asked about it (put-back.ts). */
  awaitsCabinet: boolean('awaits_cabinet').notNull().default(false),
  /** The provider was asked to debit and we have not heard how it went: query before anything else. */
  inDoubt: boolean('in_doubt').notNull(),
  /** Since when it is in collection; null: it is not (or by an instance from before). */
  collectingSinceMs: timeMs('collecting_since_ms'),
  /** Nothing is asked by itself until the member has paid, or has another account. */
  waitsForShopper: boolean('waits_for_shopper').notNull().default(false),
  /** How often the member was reminded. */
  remindedCount: integer('reminded_count').notNull().default(0),
  /** It waits for people because it was asked for as long as it may be; the member still owes it. */
  collectionEnded: boolean('collection_ended').notNull().default(false),
  /** Debits that were declined in this collection, and answers in a row that settled nothing; for the back-off. */
  declineCount: integer('decline_count').notNull(),
  unreachableCount: integer('unreachable_count').notNull(),
  /** Rises with each lease: an answer to an older one changes nothing. */
  leaseCount: integer('lease_count').notNull(),
  /** What a human has decided is to be debited; null: total without what is disputed. */
  approvedMinor: integer('approved_minor'),
  /** What a human was told by now to pay back. */
  refundDueMinor: integer('refund_due_minor').notNull(),
  /** Sum of the disputed lines: this much of the total is not debited any more. Never falls. */
  disputedMinor: integer('disputed_minor').notNull().default(0),
  /** What disputes have taken off what is due, and no human has decided about yet. */
  contestedMinor: integer('contested_minor').notNull(),
  /** What the provider was last asked to debit; while in doubt this may have moved. */
  askedMinor: integer('asked_minor'),
  /** When that was; from here its settling period counts. */
  askedAtMs: timeMs('asked_at_ms'),
  /** The provider goes on asking the account by itself; until it says how that ended it is in doubt. */
  collectedByProvider: boolean('collected_by_provider').notNull().default(false),
  /** Somebody is paying: for when the account was to be asked before that began; null: nobody is. */
  plannedAtMs: timeMs('planned_at_ms'),
  /** And when it was asked last before that. */
  askedBeforeMs: timeMs('asked_before_ms'),
  /** The most that the provider has said it has debited. Never falls. */
  debitedMinor: integer('debited_minor'),
  /** What was paid in all, debited or in another way; null until then. */
  paidMinor: integer('paid_minor'),
  /** How it was put right, by whom and when, the last time that it had waited for a human or gone another way. */
  resolvedHow: text('resolved_how').$type<ResolutionHow>(),
  resolvedBy: text('resolved_by').$type<ResolutionActor>(),
  resolvedAtMs: timeMs('resolved_at_ms'),
  /** Of the member's account; null: nobody's account, so nothing is debited. */
  provider: text('provider'),
  /** Of the body, so that nobody has to read it again. Each line is bounded, their sum is not. */
  heldMinor: bigint('held_minor', { mode: 'number' }).notNull(),
  confirmedByShopper: boolean('confirmed_by_shopper').notNull(),
  /** JSON list of reason codes. */
  reviewReasons: text('review_reasons').notNull(),
  openedAtMs: timeMs('opened_at_ms').notNull(),
  closedAtMs: timeMs('closed_at_ms').notNull(),
});

/** The lines of a charge as received, billed or held. Append-only. */
export const chargeLine = pgTable(
  'charge_line',
  {
    chargeId: text('charge_id').notNull(),
    held: boolean('held').notNull(),
    /** Its place in the bill, from 0. */
    position: integer('position').notNull(),
    sku: text('sku').notNull(),
    /** LocalText as JSON. */
    name: text('name').notNull(),
    unitPriceMinor: integer('unit_price_minor').notNull(),
    count: integer('count').notNull(),
    amountMinor: integer('amount_minor').notNull(),
    /** What promotions take off it, JSON as `discountsSchema` has it; null: nothing. */
    discounts: text('discounts'),
  },
  (t) => [primaryKey({ columns: [t.chargeId, t.held, t.position] })],
);

/** What shoppers said is wrong with a charge. Append-only; may be here before its charge is. */
export const dispute = pgTable('dispute', {
  disputeId: text('dispute_id').primaryKey(),
  chargeId: text('charge_id').notNull(),
  cabinetId: text('cabinet_id').notNull(),
  /** The canonical body as received, and the SHA-256 (hex) of it and the charge's id: the first one wins. */
  body: text('body').notNull(),
  bodyHash: text('body_hash').notNull(),
  atMs: timeMs('at_ms').notNull(),
  receivedAtMs: timeMs('received_at_ms').notNull(),
});

/** The goods that a dispute is about. Append-only. */
export const disputeLine = pgTable(
  'dispute_line',
  { disputeId: text('dispute_id').notNull(), sku: text('sku').notNull() },
  (t) => [primaryKey({ columns: [t.disputeId, t.sku] })],
);

export const chargeEvent = pgTable('charge_event', {
  id: bigserial('id', { mode: 'number' }).primaryKey(),
  chargeId: text('charge_id').notNull(),
  atMs: timeMs('at_ms').notNull(),
  kind: text('kind', {
    enum: [
      'received',
      /** People have made it, because none came; `detail` is JSON {by, reason}. */
      'made_by_hand',
      /** Its cabinet has sent the charge in whose place people had made one; `detail` says how they differ. */
      'original_came',
      'conflict',
      /** `debit_claimed` in events from before schema 6, which stay as they are. */
      'debit_leased',
      'paid',
      'declined',
      'in_doubt',
      /** The provider was not reached: for certain not asked. */
      'not_sent',
      'needs_attention',
      'disputed',
      /** A human has decided; `detail` is JSON {by, decision, amountMinor, reason}, the last where it was said. */
      'resolved',
      /** It was paid back by itself, or was not, and people do it; `detail` says which refund, how much, and why not. */
      'refunded',
      'refund_not_made',
    ],
  }).notNull(),
  detail: text('detail').notNull(),
});

/**
 * What a human has decided about one cabinet's charge that has not arrived yet: never debited. The newest counts.
 * Append-only.
 */
export const earlyResolution = pgTable('early_resolution', {
  id: bigserial('id', { mode: 'number' }).primaryKey(),
  chargeId: text('charge_id').notNull(),
  /** Whose charge it is; empty: from before it had to be said, and then it settles nothing. */
  cabinetId: text('cabinet_id').notNull(),
  actor: text('actor').notNull(),
  decision: text('decision', { enum: ['waive', 'settled'] }).notNull(),
  amountMinor: integer('amount_minor').notNull(),
  /** Why, in the words of whoever decided; null: not said. */
  reason: text('reason'),
  atMs: timeMs('at_ms').notNull(),
});

/** The calls to a provider about a charge. */
export const debitAttempt = pgTable('debit_attempt', {
  id: bigserial('id', { mode: 'number' }).primaryKey(),
  chargeId: text('charge_id').notNull(),
  provider: text('provider').notNull(),
  /** The provider's order number. */
  orderId: text('order_id').notNull(),
  call: text('call', { enum: ['debit', 'query', 'close', 'lower'] }).notNull(),
  /** What came back. `unanswered` while it runs, and for good when the process died meanwhile. */
  state: text('state', {
    enum: [
      'unanswered',
      'paid',
      'declined',
      'collecting',
      'rejected',
      'unknown',
      'not_sent',
      'not_found',
      'closed',
    ],
  }).notNull(),
  /** How often in all: calls that came to nothing and came to the same are one row, of the first start and last end. */
  count: integer('count').notNull(),
  startedAtMs: timeMs('started_at_ms').notNull(),
  endedAtMs: timeMs('ended_at_ms'),
});

export const alarm = pgTable('alarm', {
  id: bigserial('id', { mode: 'number' }).primaryKey(),
  cabinetId: text('cabinet_id').notNull(),
  kind: text('kind').notNull(),
  visitId: text('visit_id'),
  atMs: timeMs('at_ms').notNull(),
  receivedAtMs: timeMs('received_at_ms').notNull(),
  /** JSON string. */
  detail: text('detail').notNull(),
});

/** How many people's faces each cabinet keeps, as it last reported. */
export const faceCount = pgTable('face_count', {
  cabinetId: text('cabinet_id').primaryKey(),
  enrolled: integer('enrolled').notNull(),
  /** By the signature of the report: an older one that comes late changes nothing. */
  signedAtMs: timeMs('signed_at_ms').notNull(),
  receivedAtMs: timeMs('received_at_ms').notNull(),
});

/** Where a cabinet said that its record of charges ends, from the end that it knows to be here on. */
export const chainEnd = pgTable(
  'chain_end',
  {
    cabinetId: text('cabinet_id').notNull(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    seal: text('seal').notNull(),
    /** The cabinet has said that it knows this end to be here. */
    isAcknowledged: boolean('is_acknowledged').notNull().default(false),
    signedAtMs: timeMs('signed_at_ms').notNull(),
  },
  (table) => [primaryKey({ columns: [table.cabinetId, table.seq] })],
);

export const incidentKinds = [
  'charge_conflict',
  /** Somebody of the staff at its cabinet asks that people look at it. */
  'charge_asked',
  /** People have charged a visit by hand, and what its cabinet has sent since says something else. */
  'by_hand_differs',
  /** What people had decided about a charge before it came does not fit what came, or came from another cabinet. */
  'decision_not_applied',
  /** A charge came again that waited for people, or that they had decided about, before this database was put back. */
  'decision_lost',
  'charge_without_visit',
  /** A visit that was let in offline, whose proof is none: no code of ours, of somebody else, of another time. Held. */
  'offline_not_proven',
  /** The same code has opened another visit: the second one is held. */
  'offline_code_replayed',
  /** A cabinet has let somebody in offline beyond what its policy allows: a code's charge stands, a face's is held. */
  'offline_beyond_policy',
  'second_charge_for_visit',
  'visit_over_limit',
  /** A charge in another currency than the catalogue's. */
  'foreign_currency',
  /** A line at a price that the catalogue does not have and had not lately; only a cheaper one is debited all the same. */
  'price_differs',
  'charge_too_old',
  /** A cabinet's record of charges is not the continuation of what it had told. */
  'record_differs',
  /** This database was put back: it does not have what it had acknowledged. One for each cabinet that shows it. */
  'database_put_back',
  /** A charge by a face that was not enrolled there, or withdrawn before the visit. */
  'face_not_enrolled',
  /** More than a member buys, or a cabinet sells, on one day. */
  'member_day_cap',
  'cabinet_day_cap',
  'provider_rejected',
  /** The provider says it has debited less than was due. */
  'underpaid',
  /** The provider says it has debited an amount that cannot be: a human looks it up there. */
  'paid_unreadable',
  /** For about a day the provider has not said whether it has debited, or could not be asked. */
  'debit_unanswered',
  /** A debt was asked for as often and as long as it may be: people write it off, or have it tried again. */
  'collection_ended',
  'enrol_with_other_key',
  'dispute_conflict',
  /** A report of a charge that people have settled before it came: it may never come, and then nothing else tells of it. */
  'dispute_of_decided',
  /** People have put right what they had decided about a charge that is not here, and its cabinet has not heard the last. */
  'decision_not_heard',
  /** More was debited than is due after a dispute: a human pays it back. */
  'refund_due',
  /** The provider has debited what was held, waived or settled in another way meanwhile. */
  'late_paid',
  /** Another word about how a visit has ended than the first one, or about another charge than it was allowed for. */
  'closing_conflict',
  /** A charge, and a report of its visit that says something else: nothing taken, or another sum. */
  'closing_differs',
  /** "Allowed, silent": of a visit that was allowed neither charge nor report has come. */
  'visit_silent',
  /** "Charge lost?": its cabinet says that a charge follows, or cannot say what was taken, and none has come. */
  'charge_missing',
  /** What was opened at a provider before the door could not be closed there, or money has moved by it: people look there. */
  'order_not_closed',
  /** A member has ended an agreement here a day ago, and the provider has not said yet that it has ended; it is asked again. */
  'agreement_end_unanswered',
  /** … a month ago, and it is asked no more: people end it there. */
  'agreement_end_given_up',
  /** The whole fleet keeps the faces of 80,000 people: time to prepare the filing. */
  'faces_near_limit',
  /** Of 100,000: the operator has to file. */
  'faces_at_limit',
  /** All cabinets together, or one member who goes to each, may come to owe more while they are offline than is allowed. */
  'offline_risk_high',
] as const;
/** What a human has to look at: contradictions between cabinet and operator, and what only people can settle. */
export const incident = pgTable('incident', {
  id: bigserial('id', { mode: 'number' }).primaryKey(),
  atMs: timeMs('at_ms').notNull(),
  kind: text('kind', { enum: incidentKinds }).notNull(),
  cabinetId: text('cabinet_id').notNull(),
  chargeId: text('charge_id'),
  detail: text('detail').notNull(),
  /** What is to be paid back, minor units of the charge's currency; null: of another kind. */
  amountMinor: integer('amount_minor'),
  /** Where it is about a member's account at a provider and no charge; null: it is not. */
  memberId: text('member_id'),
  provider: text('provider'),
  /** Who has closed it, and what was done; null while it is open. */
  actor: text('actor'),
  resolution: text('resolution'),
  resolvedAtMs: timeMs('resolved_at_ms'),
});

/** A member's account at a provider, and how it stands there. */
export const providerAccount = pgTable(
  'provider_account',
  {
    memberId: text('member_id').notNull(),
    provider: text('provider').notNull(),
    /** As the provider names it. */
    account: text('account').notNull(),
    /** Who that is there, for signing in; null: the account says it, or nobody has. */
    payer: text('payer'),
    agreement: text('agreement', { enum: ['asked', 'valid', 'void', 'ended'] }).notNull(),
    changedAtMs: timeMs('changed_at_ms').notNull(),
    /** Since when it stands so by the provider's last word that named a time, and by the provider's clock; null: none has. */
    saidSinceMs: timeMs('said_since_ms'),
    /** It was ended here, and the provider has not said yet that it has, too: when it is asked next; null: nothing to ask. */
    endDueAtMs: timeMs('end_due_at_ms'),
  },
  (t) => [primaryKey({ columns: [t.memberId, t.provider] })],
);

/** An agreement that a member was asked for (members/sign-ups.ts). */
export const signUp = pgTable('sign_up', {
  /** The provider's number of it. */
  signUpId: text('sign_up_id').primaryKey(),
  memberId: text('member_id').notNull(),
  provider: text('provider').notNull(),
  /** `valid`: the agreement came about by it; how that stands since says `provider_account`. */
  state: text('state', { enum: ['asked', 'valid', 'refused', 'expired'] }).notNull(),
  /** What the member opens (JSON), and what the adapter has to be told; null: the provider has not answered yet. */
  page: text('page'),
  known: text('known'),
  askedAtMs: timeMs('asked_at_ms').notNull(),
  endsAtMs: timeMs('ends_at_ms').notNull(),
  /** When the provider is asked how it stands; null: it has ended. */
  dueAtMs: timeMs('due_at_ms'),
  /** How often in a row it did not answer. */
  failureCount: integer('failure_count').notNull(),
  /** Rises with each lease: an answer to an older one changes nothing. */
  leaseCount: integer('lease_count').notNull(),
});

/** Which merchant stands behind an id of `PROVIDERS_FILE`, by the provider's own number of it (providers/missing-merchants.ts). */
export const merchant = pgTable('merchant', {
  id: text('id').primaryKey(),
  number: text('number').notNull(),
});

/** What an adapter remembers of an order beside its charge (providers/provider-orders.ts). */
export const providerOrder = pgTable(
  'provider_order',
  {
    orderId: text('order_id').notNull(),
    provider: text('provider').notNull(),
    /** JSON, which the adapter reads; null: only just begun. */
    known: text('known'),
    /** The provider's own number of it, where bills have that one; a trigger reads it out of `known`. Null: none, or ours. */
    theirNumber: text('their_number'),
    beganAtMs: timeMs('began_at_ms').notNull(),
    changedAtMs: timeMs('changed_at_ms').notNull(),
  },
  (t) => [primaryKey({ columns: [t.orderId, t.provider] })],
);

/** Accounts of the prepaid wallet's ledger: one of each member and currency, and the house's own. */
export const walletAccount = pgTable('wallet_account', {
  accountId: bigserial('account_id', { mode: 'number' }).primaryKey(),
  kind: text('kind', { enum: ['member', 'revenue', 'refunds', 'top_ups', 'adjustments'] }).notNull(),
  /** Null: the house's. */
  memberId: text('member_id'),
  currency: text('currency').notNull(),
  /** What the entries have made of it (a trigger keeps it); null: of the house's only the entries say it. */
  balanceMinor: bigint('balance_minor', { mode: 'number' }),
  openedAtMs: timeMs('opened_at_ms').notNull(),
});

/** Each takes from one account what it gives to another. Only added to. */
export const walletEntry = pgTable('wallet_entry', {
  entryId: bigserial('entry_id', { mode: 'number' }).primaryKey(),
  kind: text('kind', { enum: ['top_up', 'debit', 'refund', 'adjustment'] }).notNull(),
  idempotencyKey: text('idempotency_key').notNull(),
  debitAccountId: bigint('debit_account_id', { mode: 'number' }).notNull(),
  creditAccountId: bigint('credit_account_id', { mode: 'number' }).notNull(),
  currency: text('currency').notNull(),
  amountMinor: bigint('amount_minor', { mode: 'number' }).notNull(),
  /** Of a debit and its refunds. */
  orderId: text('order_id'),
  actor: text('actor').notNull(),
  reason: text('reason').notNull(),
  atMs: timeMs('at_ms').notNull(),
});

/** The fake provider's own book: lives here so that it survives a kill as a real provider's would. */
export const fakeOrder = pgTable('fake_order', {
  chargeId: text('charge_id').primaryKey(),
  memberId: text('member_id').notNull(),
  amountMinor: integer('amount_minor').notNull(),
  currency: text('currency').notNull(),
  /** How often money moved. More than 1 is what must never happen. */
  debitCount: integer('debit_count').notNull(),
  /** Requests that began before this come to nothing. */
  closedAtMs: timeMs('closed_at_ms'),
  atMs: timeMs('at_ms').notNull(),
});
