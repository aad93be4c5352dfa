import type { InventoryEstimator } from '../../core/recognition/inventory-estimator.ts';
import type { VisitLimits } from '../../core/visit/limits.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import type { ExitReason } from '../../shared/launcher.ts';
import type { OutOfServiceReason } from '../../shared/model/visit.ts';
import type { Random } from '../../shared/random.ts';
import type { Failure, Result } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { AccountController } from '../account/account-controller.ts';
import { ChainCheck } from '../charges/chain-check.ts';
import { ChargeStore } from '../charges/charge-store.ts';
import { DeviceHost, type HostProcess } from '../devices/device-host.ts';
import type { GoodsEyes } from '../goods/goods-eyes.ts';
import type { ShelfCameras } from '../goods/shelf-cameras.ts';
import { FaceController } from '../face/face-controller.ts';
import type { HttpTransport } from '../operator/http-transport.ts';
import type { SafeStorage } from '../platform/secrets.ts';
import type { Quiescence } from '../quiescence.ts';
import { DisputeService } from '../receipt/dispute-service.ts';
import type { SettingsStore } from '../settings/settings-store.ts';
import type { PinTagger } from '../service/pin-thread.ts';
import type { StockLedger } from '../stock/stock-ledger.ts';
import type { ServiceController } from '../service/service-controller.ts';
import { SnapshotPublisher } from '../snapshot-publisher.ts';
import type { UpdatePorts } from '../updates/update-ports.ts';
import type { Database, OpenOptions, StorageFailure } from '../storage/database.ts';
import { VisitLoop } from '../visit/visit-loop.ts';

/** Everything that the kiosk has from outside: the app, the system tests and the simulation differ in these and in nothing else. */
export interface KioskPorts {
  /** Folder of the secrets, the database and the face vault. */
  readonly dataDir: string;
  readonly settings: SettingsStore;
  readonly safeStorage: SafeStorage;
  /** Opens kaimen.db. */
  readonly openDatabase: (options: OpenOptions) => Result<Database, StorageFailure>;
  /** A file is in doubt, and only opening it again tells what is in it: the kiosk is to be stopped and composed anew. */
  readonly reopen: () => void;
  readonly spawnHost: () => HostProcess;
  /** What hashes the PINs of service mode. */
  readonly pinTagger: PinTagger;
  /** Of the app, as it says it itself; absent: of a test. */
  readonly version?: string;
  /** Ends the program in order once nobody is disturbed; absent: whoever runs it does. */
  readonly endApp?: (reason: Extract<ExitReason, 'restart' | 'clean'>) => void;
  readonly clock: Clock;
  /** All chance but the keys: ids, nonces, jitter, challenges. */
  readonly random: Random;
  readonly logger: Logger;
  /** The way to the operator; absent: HTTP over the network. */
  readonly httpTransport?: HttpTransport;
  readonly limits?: VisitLimits;
  /** Of the app, as the operator is told it; absent: it is not. */
  readonly appVersion?: string;
  /** How new versions come; absent: they do not (no launcher has started this app, or no root is trusted). */
  readonly updates?: UpdatePorts;
  /** Makes lines of goods out of what the sensors report; absent: by RFID tags, and by scales where settings say what stands on them. */
  readonly makeEstimator?: (catalog: () => Catalog | null) => InventoryEstimator;
}

/** The kiosk cannot run; `reason`: what the screen says. */
export interface ComposeFailure extends Failure<'kiosk.not_composed'> {
  readonly reason: OutOfServiceReason;
}

/** The kiosk without Electron: its parts that somebody outside talks to. Starts and stops once. */
export interface Kiosk {
  readonly visitLoop: VisitLoop;
  readonly charges: ChargeStore;
  readonly chainCheck: ChainCheck;
  readonly devices: DeviceHost;
  /** Null: this cabinet keeps no faces, because of the settings or because the vault does not open. */
  readonly faces: FaceController | null;
  readonly account: AccountController;
  readonly disputes: DisputeService;
  readonly snapshots: SnapshotPublisher;
  readonly quiescence: Quiescence;
  readonly service: ServiceController;
  readonly stockLedger: StockLedger;
  readonly shelfCameras: ShelfCameras;
  readonly goodsEyes: GoodsEyes;
  start(): void;
  /** Ends everything in order and closes the files. */
  stop(): Promise<void>;
}
