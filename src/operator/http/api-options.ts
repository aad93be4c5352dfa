import type { Clock } from '../../shared/clock.ts';
import type { CatalogInForce } from '../fleet/catalog-in-force.ts';
import type { DesiredStates } from '../fleet/desired-states.ts';
import type { OfflinePolicies } from '../fleet/offline-policy.ts';
import type { OrdersBeforeDoor } from '../visits/orders-before-door.ts';
import type { QrSignIn } from '../visits/qr-sign-in.ts';
import type { DebitWorker } from '../debits/debit-worker.ts';
import type { PaymentLook } from '../debits/payment-look.ts';
import type { AnswerSigner } from './answer-signer.ts';
import type { FaultInjector } from './fault-injector.ts';
import type { Policy } from '../limits.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { Metrics } from '../operations/metrics.ts';
import type { MemberCodes } from '../members/member-code-keyring.ts';
import type { StaffKeys } from '../staff/seal.ts';
import type { Signatures } from './signatures.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import type { Db } from '../storage/storage.ts';

/** What the operator's HTTP API is made of. */
export interface ApiOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly worker: DebitWorker;
  readonly providers: ProviderRegistry;
  readonly paymentLook: PaymentLook;
  readonly orders: OrdersBeforeDoor;
  readonly qrSignIn: QrSignIn;
  readonly memberCodes: MemberCodes;
  readonly catalog: CatalogInForce;
  readonly offlinePolicies: OfflinePolicies;
  readonly desiredStates: DesiredStates;
  readonly policy: Policy;
  /** Monotonic time at which this program began, ms. */
  readonly beganAtMs: number;
  readonly logger: Logger;
  /** What seals the keys of one-time codes of service mode. */
  readonly staffKeys: StaffKeys;
  readonly signer: AnswerSigner;
  readonly signatures: Signatures;
  readonly metrics: Metrics;
  /** Where phones find the shopper's page, which cabinets' QR codes lead to; null: nobody has said. */
  readonly phonePage: () => string | null;
  /** Where releases lie; absent: none are served here. */
  readonly updatesFolder?: string | undefined;
  readonly requestReceiveTimeoutMs?: number;
  /** See Connections; left out: none but those of this machine. */
  readonly proxyAddresses?: readonly string[] | undefined;
  /** Development only. */
  readonly faults?: FaultInjector | undefined;
}
