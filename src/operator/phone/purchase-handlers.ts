import { purchaseFacts } from '../../core/charge/purchases.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { shortRef } from '../../shared/ids.ts';
import { toldMoneyOf } from '../../shared/model/told-money.ts';
import { photosOfReportMax } from '../../shared/phone/calls.ts';
import type { PhonePurchase } from '../../shared/phone/purchases.schema.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Purchase } from '../charges/purchases.ts';
import { purchaseOfMember, purchasesOfMember } from '../charges/purchases.ts';
import type { PhoneHandlers, PhoneParts } from './handlers.ts';
import type { CabinetPlace } from './places.ts';
import { placesOf } from './places.ts';
import { addPhoto, photosLeftOf, reportPurchase } from './reports.ts';

type PurchaseCalls = Pick<PhoneHandlers, 'purchases' | 'purchase' | 'reportPurchase' | 'addPhoto'>;

const notTheirs = () => fail('not_found', 'no such purchase of this member');

/** What a member has bought, how it stands with its money, and what they say is wrong with it. */
export function purchaseHandlers(parts: PhoneParts): PurchaseCalls {
  const { db, clock } = parts;
  const find = (memberId: string, chargeId: ChargeId) => purchaseOfMember(parts, memberId, chargeId);
  const show = async (purchase: Purchase) => {
    const { cabinetId, chargeId } = purchase;
    const { place } = (await placesOf(db, [cabinetId]))(cabinetId);
    return shownPurchase(purchase, place, await photosLeftOf(db, chargeId));
  };
  return {
    purchases: async ({ who }) => {
      const purchases = await purchasesOfMember(parts, who.memberId);
      const placeOf = await placesOf(
        db,
        purchases.map(({ cabinetId }) => cabinetId),
      );
      const shown = purchases.map((one) =>
        shownPurchase(one, placeOf(one.cabinetId).place, photosOfReportMax),
      );
      return ok({ purchases: shown, nowMs: clock.nowMs() });
    },
    purchase: async ({ who, params: { chargeId } }) => {
      const purchase = await find(who.memberId, chargeId);
      return purchase === null ? notTheirs() : ok(await show(purchase));
    },
    reportPurchase: async ({ who, params: { chargeId }, body }) => {
      const purchase = await find(who.memberId, chargeId);
      if (purchase === null) return notTheirs();
      const own = { memberId: who.memberId, chargeId, cabinetId: purchase.cabinetId };
      const reported = await reportPurchase(parts, own, body);
      if (!reported.ok) return reported;
      parts.worker.wake();
      const now = await find(who.memberId, chargeId);
      return ok(await show(now ?? purchase));
    },
    addPhoto: async ({ who, params: { chargeId }, body }) => {
      const purchase = await find(who.memberId, chargeId);
      if (purchase === null) return notTheirs();
      if (purchase.disputed.length === 0) return fail('conflict', 'nothing of it is reported');
      const own = { memberId: who.memberId, chargeId, cabinetId: purchase.cabinetId };
      return addPhoto(parts, own, Buffer.from(body));
    },
  };
}

/** What is said of its money is decided where it is decided for the screen of a cabinet. */
function shownPurchase(purchase: Purchase, place: CabinetPlace['place'], photosLeft: number): PhonePurchase {
  const { chargeId, cabinetId, atMs, currency, lines, heldLines, totalMinor, disputed } = purchase;
  // Of what the operator has, a report can be taken here as at its cabinet.
  const facts = purchaseFacts(purchase, true);
  const told = toldMoneyOf({ ...purchase, ...facts });
  const isReported = disputed.length > 0;
  return {
    chargeId,
    cabinetId,
    atMs,
    currency,
    lines,
    heldLines,
    totalMinor,
    disputed,
    place,
    told,
    ref: shortRef(chargeId),
    nextTryAtMs: facts.nextTryAtMs,
    payUrl: told.mayPay ? purchase.payUrl : null,
    ...(purchase.means !== undefined && { means: purchase.means }),
    ...(purchase.refund !== undefined && { refund: purchase.refund }),
    mayReport: facts.mayDispute,
    photosLeft: facts.mayDispute || isReported ? photosLeft : 0,
  };
}
