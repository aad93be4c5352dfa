import { AlarmSender } from '../operator/alarm-sender.ts';
import { GoodsPictureSync } from '../operator/goods-picture-sync.ts';
import { GoodsPictureFiles } from '../platform/goods-picture-files.ts';
import { CatalogSync } from '../operator/catalog-sync.ts';
import { ClockWatch } from '../operator/clock-watch.ts';
import { keyNamedByToken } from '../../shared/api/answer-signing.ts';
import { Enrolment } from '../operator/enrolment.ts';
import { FaceCountSender } from '../operator/face-count-sender.ts';
import { FaceWithdrawalSender } from '../operator/face-withdrawal-sender.ts';
import { NetworkLinkMonitor } from '../operator/network-link-monitor.ts';
import { OperatorKeys } from '../operator/operator-keys.ts';
import { OperatorClient } from '../operator/operator-client.ts';
import { operatorClock } from '../operator/operator-clock.ts';
import type { Clock } from '../../shared/clock.ts';
import { PromotionSync } from '../operator/promotion-sync.ts';
import { PromotionBoard } from '../promotion-board.ts';
import { OfflinePolicySync } from '../operator/offline-policy-sync.ts';
import { CatalogStore } from '../storage/catalog-store.ts';
import { MetaStore } from '../storage/meta-store.ts';
import { OfflineStore } from '../storage/offline-store.ts';
import type { KioskPorts } from './kiosk.ts';
import type { Storage } from './storage.ts';

const nonceByteCount = 16;

export interface OperatorParts {
  readonly client: OperatorClient;
  /**
   * The operator's time, as far as it is known: for every time that leaves the cabinet, and for the days of withdrawn faces
   * (ADR 0099). It jumps when the operator tells its time.
   */
  readonly clock: Clock;
  readonly link: NetworkLinkMonitor;
  readonly catalog: CatalogSync;
  readonly goodsPictures: GoodsPictureSync;
  readonly enrolment: Enrolment;
  readonly offlinePolicy: OfflinePolicySync;
  readonly promotions: PromotionSync;
  readonly promotionBoard: PromotionBoard;
  readonly offlineStore: OfflineStore;
  readonly alarms: AlarmSender;
  readonly clockWatch: ClockWatch;
  /** Null: there are no faces to count. */
  readonly faceCount: FaceCountSender | null;
  readonly faceWithdrawals: FaceWithdrawalSender | null;
}

/** Everything that talks to the operator but the queues of charges and disputes. */
export function composeOperator(
  ports: KioskPorts,
  { secrets, database, chain, vault }: Storage,
): OperatorParts {
  const { settings, clock, random, logger, httpTransport } = ports;
  const { operatorUrl, cabinetId } = settings.settings;
  const meta = new MetaStore(database);
  const keys = new OperatorKeys({
    secrets,
    logger,
    monotonicMs: () => clock.monotonicMs(),
    tellStaff: (detail) => alarms.deviceFault(detail),
  });
  const client: OperatorClient = new OperatorClient({
    baseUrl: operatorUrl,
    timeFloorMs: timeToldBefore(meta),
    cabinetId,
    sign: (text) => secrets.sign(text),
    chain,
    clock,
    keys,
    isEnrolled: () => enrolment.done,
    isKeyNamed: () => keyNamedByToken(settings.settings.enrolToken ?? '') !== null,
    randomNonce: () => Buffer.from(random.bytes(nonceByteCount)).toString('base64url'),
    ...(httpTransport === undefined ? {} : { transport: httpTransport }),
  });
  const toldClock = operatorClock(clock, () => client.operatorNowMs());
  const link = new NetworkLinkMonitor({ client, clock, random: () => random.unit(), logger });
  const alarms = new AlarmSender({
    client,
    link,
    meta,
    clock,
    logger,
    operatorTimeOf: (wallMs) => client.operatorTimeOf(wallMs),
    random: () => random.unit(),
  });
  const enrolment: Enrolment = new Enrolment({ client, secrets, settings, link, clock, logger, meta });
  const offlineStore = new OfflineStore(database);
  const tellStaff = (detail: string): void => {
    alarms.deviceFault(detail);
  };
  const promotions = new PromotionSync({
    ...{ store: meta, client, cabinetId, clock, tellStaff, logger },
    random: () => random.unit(),
  });
  const catalog = new CatalogSync({ store: new CatalogStore(database, clock), client, clock, logger });
  return {
    client,
    clock: toldClock,
    link,
    catalog,
    goodsPictures: new GoodsPictureSync({
      catalog: () => catalog.current(),
      files: new GoodsPictureFiles(ports.dataDir),
      client,
      clock,
      logger,
    }),
    enrolment,
    offlinePolicy: new OfflinePolicySync({
      store: offlineStore,
      client,
      clock,
      tellStaff,
      logger,
      random: () => random.unit(),
    }),
    promotions,
    promotionBoard: new PromotionBoard({
      order: () => promotions.current(),
      nowMs: () => toldClock.nowMs(),
      clock,
    }),
    offlineStore,
    alarms,
    clockWatch: new ClockWatch({
      operatorNowMs: () => client.toldNowMs(),
      keep: (operatorMs) => void meta.set('operator_time', String(operatorMs)),
      clock,
      tellStaff,
    }),
    faceCount:
      vault === null
        ? null
        : new FaceCountSender({
            vault,
            client,
            link,
            clock,
            tellStaff,
            logger,
            random: () => random.unit(),
          }),
    faceWithdrawals:
      vault === null
        ? null
        : new FaceWithdrawalSender({
            vault,
            client,
            link,
            clock: toldClock,
            tellStaff,
            logger,
            random: () => random.unit(),
          }),
  };
}

/** What the operator had said last in an earlier run that it is, wall ms; undefined: nothing that could be a time. */
function timeToldBefore(meta: MetaStore): number | undefined {
  const kept = meta.get('operator_time');
  return kept.ok && kept.value !== null && /^\d{1,15}$/.test(kept.value) ? Number(kept.value) : undefined;
}
