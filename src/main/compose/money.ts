import { ChainCheck } from '../charges/chain-check.ts';
import { ChargeLog } from '../charges/charge-log.ts';
import { ChargeStore } from '../charges/charge-store.ts';
import { DeliveryQueues } from '../charges/delivery-queues.ts';
import { DisputeStore } from '../charges/dispute-store.ts';
import { VisitClosings } from '../charges/visit-closings.ts';
import type { TellStaff } from '../charges/tell-staff.ts';
import type { KioskPorts } from './kiosk.ts';
import type { OperatorParts } from './operator.ts';
import type { Storage } from './storage.ts';

export interface MoneyParts {
  readonly charges: ChargeStore;
  readonly disputeStore: DisputeStore;
  readonly closings: VisitClosings;
  readonly deliveries: DeliveryQueues;
  readonly chainCheck: ChainCheck;
}

export function composeMoney(
  ports: KioskPorts,
  { secrets, database, chain, operatingClock }: Storage,
  operator: OperatorParts,
): MoneyParts {
  const { clock, random, logger } = ports;
  const { client, link, alarms } = operator;
  const tellStaff: TellStaff = (detail, why) => {
    logger.error('charges.staff_told', { detail, why });
    alarms.deviceFault(detail);
  };
  const log = new ChargeLog(chain);
  const charges = new ChargeStore(database, log, clock, operatingClock, tellStaff);
  const disputeStore = new DisputeStore(database, log, clock, operatingClock, tellStaff);
  const chainCheck = new ChainCheck({
    db: database,
    key: secrets.chainKey,
    floor: () => secrets.chainFloor,
    onWhole: (seenSeq) => {
      if (secrets.chainFloor === null) return;
      const kept = secrets.rememberChain({ ...secrets.chainFloor, seenSeq });
      if (!kept.ok) logger.warn('charges.floor_not_kept', { error: kept.error });
    },
    clock,
    logger,
    tellStaff,
  });
  const closings = new VisitClosings(database, operator.clock, operatingClock, tellStaff, () => {
    deliveries.wakeClosings();
  });
  const deliveries: DeliveryQueues = new DeliveryQueues({
    charges,
    disputes: disputeStore,
    closings,
    client,
    link,
    clock: operatingClock,
    random,
    tellStaff,
    logger,
  });
  return { charges, disputeStore, closings, deliveries, chainCheck };
}
