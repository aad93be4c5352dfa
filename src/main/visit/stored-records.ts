import { toStoredVisit } from '../../core/visit/stored-visit.ts';
import type { ChargeStore } from '../charges/charge-store.ts';
import type { VisitClosings } from '../charges/visit-closings.ts';
import type { Database } from '../storage/database.ts';
import { MetaStore } from '../storage/meta-store.ts';
import { OfflineStore } from '../storage/offline-store.ts';
import type { StockRecords, VisitRecords } from './visit-records.ts';
import { type VisitStore, journalStart } from './visit-store.ts';

/** What a visit puts on record, in the cabinet's own database. */
export function makeVisitRecords(
  database: Database,
  visits: VisitStore,
  charges: ChargeStore,
  closings: VisitClosings,
  stock?: StockRecords,
): VisitRecords {
  const meta = new MetaStore(database);
  const offline = new OfflineStore(database);
  let probeCount = 0;
  return {
    transaction: (fn) => database.transaction(fn),
    ifUndone: (undo) => {
      database.ifUndone(undo);
    },
    // Another value each time: an update that changes nothing might not be written.
    probe: () => meta.set('storage_probe', String(++probeCount)),
    beginVisit: (visitId, visit) => {
      const stored = toStoredVisit(visit, null);
      return visits.save(visitId, stored, { type: journalStart, ...stored }, false);
    },
    saveVisit: ({ visitId, visit, estimator, event, active }) =>
      visits.save(visitId, toStoredVisit(visit, estimator), event, active),
    loadActive: () => visits.loadActive(),
    quarantine: (visitId) => visits.quarantine(visitId),
    openCharge: (charge) => charges.open(charge),
    finaliseCharge: (chargeId, body) => charges.finalise(chargeId, body),
    denyOffline: (memberId, atMs) => offline.deny(memberId, atMs),
    voidCharge: (chargeId, why) => charges.void(chargeId, why),
    closeVisit: (visitId, closing) => closings.end(visitId, closing),
    ...(stock && { stock }),
    lostReadings: {
      load: () => meta.get('lost_readings'),
      keep: (json) => meta.set('lost_readings', json),
    },
    goodsInDoubt: {
      load: () => meta.get('goods_in_doubt'),
      keep: (json) => meta.set('goods_in_doubt', json),
    },
  };
}
