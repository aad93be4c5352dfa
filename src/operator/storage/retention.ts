import { type SQL, and, isNotNull, isNull, lt, or, sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { Job } from '../jobs/jobs.ts';
import { keptMs, offlineIssueKeptMs, qrSignInKeptMs, retentionBatchMax, signUpKeptMs } from '../limits.ts';
import { linkLifetimeMs, phoneSessionMaxMs, reportPhotosKeptMs } from '../phone/limits.ts';
import { deviceKnownMs } from '../staff/limits.ts';
import {
  alarm,
  catalogPrice,
  earlyWithdrawal,
  evidencePart,
  evidenceWish,
  faceEnrolment,
  incident,
  memberLink,
  memberMessage,
  memberNotice,
  nonce,
  offlineCodeKey,
  offlinePolicy,
  phoneReport,
  phoneSession,
  qrSignIn,
  reportPhoto,
  signUp,
  staffProposal,
  staffSession,
  stockDifference,
  supportBundle,
  visit,
  visitClosing,
  visitOrder,
} from './schema.ts';
import type { Db } from './storage.ts';

export interface RetentionOptions {
  readonly db: Db;
  readonly clock: Clock;
  /** Two clocks agree on the time; while they do not, nothing is removed for its age. */
  readonly isTimeSure: () => boolean;
  /** The embedded database gives the room of what was removed back to nobody by itself. */
  readonly isEmbedded: boolean;
  readonly logger: Logger;
}

interface Rule {
  readonly name: string;
  readonly table: PgTable;
  readonly isOld: SQL | undefined;
}

/** What goes, and when; the table for people: docs/retention.md. Charges, their lines, events and disputes never go. */
function rulesAt(nowMs: number): readonly Rule[] {
  const enrolmentMs = nowMs - keptMs.endedEnrolments;
  return [
    { name: 'visits', table: visit, isOld: lt(visit.atMs, nowMs - keptMs.visits) },
    {
      name: 'visit_closings',
      table: visitClosing,
      isOld: lt(visitClosing.receivedAtMs, nowMs - keptMs.visits),
    },
    {
      name: 'visit_orders',
      table: visitOrder,
      isOld: and(isNull(visitOrder.dueAtMs), lt(visitOrder.openedAtMs, nowMs - keptMs.visits)),
    },
    {
      name: 'sign_ups',
      table: signUp,
      isOld: and(isNull(signUp.dueAtMs), lt(signUp.askedAtMs, nowMs - signUpKeptMs)),
    },
    {
      name: 'stock_differences',
      table: stockDifference,
      isOld: lt(stockDifference.receivedAtMs, nowMs - keptMs.stockDifferences),
    },
    { name: 'alarms', table: alarm, isOld: lt(alarm.receivedAtMs, nowMs - keptMs.alarms) },
    {
      name: 'incidents',
      table: incident,
      isOld: and(isNotNull(incident.resolvedAtMs), lt(incident.resolvedAtMs, nowMs - keptMs.closedIncidents)),
    },
    {
      name: 'face_enrolments',
      table: faceEnrolment,
      isOld: or(
        and(lt(faceEnrolment.withdrawnAtMs, enrolmentMs), isNotNull(faceEnrolment.deletedAtMs)),
        // A cabinet that never says so is gone itself.
        lt(faceEnrolment.withdrawnAtMs, nowMs - keptMs.undeletedFaces),
        lt(faceEnrolment.endsAtMs, enrolmentMs),
      ),
    },
    {
      name: 'early_withdrawals',
      table: earlyWithdrawal,
      isOld: lt(earlyWithdrawal.atMs, nowMs - keptMs.earlyWithdrawals),
    },
    { name: 'notices', table: memberNotice, isOld: lt(memberNotice.atMs, nowMs - keptMs.notices) },
    { name: 'messages', table: memberMessage, isOld: lt(memberMessage.endsAtMs, nowMs) },
    { name: 'prices', table: catalogPrice, isOld: lt(catalogPrice.untilMs, nowMs - keptMs.endedPrices) },
    {
      name: 'offline_policies',
      table: offlinePolicy,
      isOld: and(isNull(offlinePolicy.told), lt(offlinePolicy.issuedAtMs, nowMs - offlineIssueKeptMs)),
    },
    {
      name: 'offline_code_keys',
      table: offlineCodeKey,
      isOld: lt(offlineCodeKey.toldAtMs, nowMs - offlineIssueKeptMs),
    },
    { name: 'staff_sessions', table: staffSession, isOld: lt(staffSession.seenAtMs, nowMs - deviceKnownMs) },
    {
      name: 'staff_proposals',
      table: staffProposal,
      isOld: lt(staffProposal.endsAtMs, nowMs - keptMs.closedIncidents),
    },
    { name: 'member_links', table: memberLink, isOld: lt(memberLink.endsAtMs, nowMs - 2 * linkLifetimeMs) },
    {
      name: 'phone_sessions',
      table: phoneSession,
      isOld: or(
        lt(phoneSession.beganAtMs, nowMs - phoneSessionMaxMs),
        lt(phoneSession.endedAtMs, nowMs - linkLifetimeMs),
      ),
    },
    // What was reported stays with its charge; the member's words and pictures of it go.
    { name: 'phone_reports', table: phoneReport, isOld: lt(phoneReport.atMs, nowMs - reportPhotosKeptMs) },
    { name: 'report_photos', table: reportPhoto, isOld: lt(reportPhoto.atMs, nowMs - reportPhotosKeptMs) },
    {
      name: 'support_bundles',
      table: supportBundle,
      isOld: lt(supportBundle.receivedAtMs, nowMs - keptMs.supportBundles),
    },
    { name: 'evidence', table: evidencePart, isOld: lt(evidencePart.receivedAtMs, nowMs - keptMs.evidence) },
    {
      name: 'evidence_wishes',
      table: evidenceWish,
      isOld: lt(evidenceWish.askedAtMs, nowMs - keptMs.evidence),
    },
    { name: 'nonces', table: nonce, isOld: lt(nonce.expiresAtMs, nowMs) },
    { name: 'qr_sign_ins', table: qrSignIn, isOld: lt(qrSignIn.expiresAtMs, nowMs - qrSignInKeptMs) },
  ];
}

/** Removes what has been kept long enough, in small steps, now and then. Several instances may do it side by side. */
export class Retention {
  readonly #options: RetentionOptions;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** Every hour. */
  get job(): Job {
    return { name: 'retention', minute: 17, run: (signal) => this.#turn(signal) };
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const { isTimeSure, logger } = this.#options;
    if (isTimeSure()) await this.removeOld(signal);
    else logger.warn('retention_put_off', { why: 'the clocks of host and database do not agree' });
  }

  /** Rejects as the database does; what is left is removed the next time. */
  async removeOld(signal?: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options;
    for (const { name, table, isOld } of rulesAt(clock.nowMs())) {
      if (signal?.aborted === true) return;
      const count = await this.#removeFrom(table, isOld, signal);
      if (count > 0) logger.info('retention_removed', { name, count });
    }
  }

  async #removeFrom(table: PgTable, isOld: Rule['isOld'], signal?: AbortSignal): Promise<number> {
    const { db, isEmbedded } = this.#options;
    let count = 0;
    for (;;) {
      const some = sql`select ctid from ${table} where ${isOld} limit ${retentionBatchMax}`;
      const removed = await db
        .delete(table)
        .where(sql`ctid = any(array(${some}))`)
        .returning({ one: sql`1` });
      count += removed.length;
      if (removed.length < retentionBatchMax || signal?.aborted === true) break;
    }
    if (count > 0 && isEmbedded) await db.execute(sql`vacuum ${table}`);
    return count;
  }
}
