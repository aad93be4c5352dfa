import { first } from './0001-first.ts';
import { disputes } from './0002-disputes.ts';
import { visitRetention } from './0003-visit-retention.ts';
import { chargeMember } from './0004-charge-member.ts';
import { chargeBacklog } from './0005-charge-backlog.ts';
import { chargeSeal } from './0006-charge-seal.ts';
import { booksEnd } from './0007-books-end.ts';
import { chargeResolved } from './0008-charge-resolved.ts';
import { decisionToldAgain } from './0009-decision-told-again.ts';
import { askedWithoutEnd } from './0010-asked-without-end.ts';
import { disputeTime } from './0011-dispute-time.ts';
import { stampsAhead } from './0012-stamps-ahead.ts';
import { disputeAgain } from './0013-dispute-again.ts';
import { decisionByContent } from './0014-decision-by-content.ts';
import { disputeToldAgain } from './0015-dispute-told-again.ts';
import { beginningsGone } from './0016-beginnings-gone.ts';
import { disputeWithoutCharge } from './0017-dispute-without-charge.ts';
import { disputeTaken } from './0018-dispute-taken.ts';
import { openingOffline } from './0019-opening-offline.ts';
import { visitClosings } from './0020-visit-closings.ts';
import { serviceMode } from './0021-service-mode.ts';
import { stock } from './0022-stock.ts';
import type { Migration } from './migration.ts';

/** In order, without gaps. Add a step at the end; never change one that has been released. */
export const migrations: readonly Migration[] = [
  first,
  disputes,
  visitRetention,
  chargeMember,
  chargeBacklog,
  chargeSeal,
  booksEnd,
  chargeResolved,
  decisionToldAgain,
  askedWithoutEnd,
  disputeTime,
  stampsAhead,
  disputeAgain,
  decisionByContent,
  disputeToldAgain,
  beginningsGone,
  disputeWithoutCharge,
  disputeTaken,
  openingOffline,
  visitClosings,
  serviceMode,
  stock,
];
