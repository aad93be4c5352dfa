import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { VisitStateName } from '../../../core/visit/visit-model.ts';
import { MaintenanceKeeper } from '../../../main/service/maintenance-keeper.ts';
import { PinHasher } from '../../../main/service/pin-hasher.ts';
import { ServiceAccess } from '../../../main/service/service-access.ts';
import { ServiceActs } from '../../../main/service/service-acts.ts';
import type { Outcome } from '../../../main/service/outcome.ts';
import { ServiceController } from '../../../main/service/service-controller.ts';
import { DevicesHeard } from '../../../main/service/devices-heard.ts';
import { placingOf } from '../../../main/service/placing.ts';
import { SelfTests } from '../../../main/service/self-tests.ts';
import { MetaStore } from '../../../main/storage/meta-store.ts';
import { ServiceLog } from '../../../main/service/service-log.ts';
import { GoodsOrders } from '../../../main/service/goods-orders.ts';
import { StaffOrders, type StaffOrdersOptions } from '../../../main/service/staff-orders.ts';
import { SetupDesk } from '../../../main/service/setup-desk.ts';
import { ProfileVersions } from '../../../main/settings/profile-versions.ts';
import { openSettings } from '../../../main/settings/settings-file.ts';
import { SettingsVersions } from '../../../main/settings/settings-versions.ts';
import { isSetupOrder } from '../../../shared/model/device-setup.schema.ts';
import type { ServiceOrder } from '../../../shared/model/service-order.schema.ts';
import { type StickFileOptions, saveToStick } from '../../../main/support/stick-file.ts';
import { findStick, writeToStick } from '../../../main/support/usb-stick.ts';
import { GoodsMemory } from '../../../main/goods/goods-memory.ts';
import { ShelfPhotos } from '../../../main/goods/shelf-photos.ts';
import type { Picture } from '../../../core/vision/picture.ts';
import { drawnEye } from '../../core/drawn-eye.ts';
import { noisy, shelfCamera, shelfWith } from '../../core/seen-shelf.ts';
import { PlanKeeper } from '../../../main/stock/plan-keeper.ts';
import { RestockKeeper } from '../../../main/stock/restock-keeper.ts';
import type { Planogram } from '../../../shared/model/planogram.schema.ts';
import { StockLedger } from '../../../main/stock/stock-ledger.ts';
import type { Database } from '../../../main/storage/database.ts';
import { ServiceStore } from '../../../main/storage/service-store.ts';
import { FakeClock } from '../../../shared/clock.ts';
import type { MachineState, NetworkProbe } from '../../../core/service/self-test.ts';
import { type Catalog, catalogSchema } from '../../../shared/model/catalog.schema.ts';
import type { CabinetDevices, DeviceHealth, DoorState } from '../../../shared/model/device.ts';
import type { GoodsOrder } from '../../../shared/model/goods-order.schema.ts';
import { type ServiceView, type StaffList, staffListSchema } from '../../../shared/model/service.schema.ts';
import type { OfficeView } from '../../../shared/model/service-office.schema.ts';
import { staffListLifeMs } from '../../../shared/model/service.ts';
import { systemRandom } from '../../../shared/node/system-random.ts';
import { ok } from '../../../shared/result.ts';
import { silentLogger } from '../../../shared/util/logger.ts';
import { unwrap } from '../../unwrap.ts';
import { makeScratchFolder, mustOpen } from '../storage/scratch.ts';

export const rigCodeKey = Buffer.alloc(32, 7).toString('base64url');
/** The one person of the staff: an administrator. */
export const rigStaff = { staffNo: '7001', pin: '60418273', duressPin: '90215574' } as const;

/** A catalogue of two articles without tags. */
export const colaAndTea = catalogSchema.parse({
  ...{ version: 'v1', currency: 'CNY', tags: [] },
  products: ['cola', 'tea'].map((sku) => ({
    ...{ sku, name: { zh: sku, en: sku }, priceMinor: 350, weightG: 1, picture: 'x' },
  })),
});

/** Service mode with its database, and a cabinet around it that a test moves by hand. */
export class ServiceRig {
  readonly clock = new FakeClock();
  readonly told: string[] = [];
  list: StaffList | null = null;
  visitState: VisitStateName = 'attract';
  door: DoorState = 'closed';
  /** Of a cabinet with several doors: those beside the first. */
  readonly moreDoors: DoorState[] = [];
  health: readonly DeviceHealth[] = [];
  network: NetworkProbe = {
    ...{ nameMs: 1, connectMs: 2, isTrusted: true, answerMs: 3 },
    isDeviceOnTheWay: false,
  };
  machine: MachineState = { diskFreeBytes: 1e10, memoryFreeBytes: 1e9, appBytes: 2e8 };
  stock: ReadonlyMap<string, number> | null = new Map([['cola', 2]]);
  readonly db: Database;
  readonly store: ServiceStore;
  readonly log: ServiceLog;
  /** A real one, over the same database. */
  ledger!: StockLedger;
  service!: ServiceController;
  tests!: SelfTests;
  catalog: Catalog | null = null;
  /** What the operator wants to stand here. */
  draft: Planogram | null = null;
  plans!: PlanKeeper;
  /** What is plugged in. */
  stick: NonNullable<StickFileOptions['stick']> = { find: findStick, write: writeToStick };
  /** Which article stands on which scale, and which a camera looks for. */
  readonly room = { laneOf: new Map<string, number>(), seen: new Set<string>() };
  /** Over `config.json` in the folder of the database. */
  settings!: SettingsVersions;
  setup!: SetupDesk;
  /** With what the device program was started anew, in order. */
  readonly configs: CabinetDevices[] = [];
  /** How often the program begins anew with what is saved. */
  reopened = 0;
  unlocks = 0;
  /** Which doors were to be opened, in order. */
  readonly unlocked: number[] = [];
  /** Whether it is cold enough for goods to be accepted. */
  isCooled = true;
  office: OfficeView | null = null;
  /** Photos of goods: main's own, and what the hidden view does, over what a drawn camera shows. */
  photos!: ShelfPhotos;
  shows: () => Picture | null = () => noisy(shelfWith(null, null));
  readonly eye = drawnEye({
    ...{ clock: this.clock, grab: () => Promise.resolve(this.shows()), gallery: () => null },
    say: (nonce, report) => void this.photos.report(nonce, report),
  });
  /** What becomes of an order. */
  ordered: Outcome | Promise<Outcome> = { outcome: 'done' };
  readonly #remove: () => void;
  readonly #folder: string;
  /** Not Argon2id, which takes most of a test's time: what is tried here is not the hash. */
  readonly #hasher = new PinHasher({
    tag: (pin, salt) => Promise.resolve(createHash('sha256').update(salt).update(pin).digest()),
    stop: () => Promise.resolve(),
  });

  constructor() {
    const scratch = makeScratchFolder();
    this.#remove = scratch.remove;
    this.#folder = scratch.path;
    this.db = mustOpen(join(scratch.path, 'kaimen.db'));
    this.store = new ServiceStore(this.db);
    this.log = new ServiceLog(this.db, new Uint8Array(32));
    this.#start();
  }

  /** As after a power cut: what is known is what lies on the disk. */
  restart(): void {
    this.service.stop();
    this.#start();
  }

  #start(): void {
    const { clock, store, log } = this;
    const nowMs = (): number => clock.nowMs();
    const about = { clock, logger: silentLogger, nowMs, visitState: () => this.visitState };
    const door = (): DoorState => this.door;
    const doors = (): DoorState[] => [this.door, ...this.moreDoors];
    const keeper = new MaintenanceKeeper({
      ...{ ...about, store, door, onEvent: () => undefined },
      availability: {
        startMaintenance: () => {
          this.visitState = 'outOfService';
          return true;
        },
        endMaintenance: () => {
          this.visitState = 'attract';
        },
      },
    });
    const devices = {
      get doorCount() {
        return doors().length;
      },
      unlock: (door = 1) => {
        this.unlocks++;
        this.unlocked.push(door);
        return Promise.resolve(ok({ door: this.door }));
      },
      perform: () => Promise.resolve(ok({ isPassed: true, detail: '' }) as never),
    };
    const health = (): readonly DeviceHealth[] => this.health;
    this.tests = new SelfTests({
      ...{ ...about, devices, health, doors, meta: new MetaStore(this.db) },
      readClosely: () => undefined,
      placing: () => placingOf(this.catalog, this.plans.inForce()?.slots ?? []),
      probeNetwork: () => Promise.resolve(this.network),
      clockOffMs: () => 0,
      machine: () => Promise.resolve(this.machine),
    });
    const devicesHeard = new DevicesHeard(clock, nowMs);
    this.settings = mustOpenSettings(this.#folder, clock, nowMs);
    this.setup = new SetupDesk({
      profiles: new ProfileVersions(unwrap(openSettings(this.#folder, clock)), nowMs),
      ...{ tests: this.tests, nowMs, reopen: () => void this.reopened++ },
      devices: {
        perform: devices.perform,
        restartWith: (config) => {
          this.configs.push(config);
          return Promise.resolve();
        },
      },
    });
    const tellStaff = (detail: string): void => void this.told.push(detail);
    const { tests } = this;
    const cooling = { accept: () => this.isCooled, view: () => null };
    this.ledger = new StockLedger({
      ...{ ...about, database: this.db, counted: () => this.stock, random: systemRandom },
      heard: () => null,
    });
    const meta = new MetaStore(this.db);
    this.plans = new PlanKeeper({
      ...{ database: this.db, draft: () => this.draft, room: this.room, nowMs },
      skus: () => new Set(this.catalog?.products.map(({ sku }) => sku)),
    });
    this.photos = new ShelfPhotos({
      ...{ clock, cameras: [shelfCamera], random: systemRandom, isTaken: () => false },
      memory: new GoodsMemory(meta, silentLogger),
      onOrder: () => this.eye.setOrder(this.photos.order),
    });
    const goods = new GoodsOrders({
      ...{ ledger: this.ledger, plans: this.plans, tellStaff, nowMs, catalog: () => this.catalog },
      ...{ photos: this.photos, restock: new RestockKeeper(meta), counted: () => this.stock, cabinetId: 'K' },
      saveFile: (ending, bytes) =>
        saveToStick({ stick: this.stick, cabinetId: 'K', clock, nowMs }, ending, bytes),
    });
    const acts = new ServiceActs({
      ...{ ...about, log, keeper, devicesHeard, cooling, tests, tellStaff, stock: () => this.stock },
      ...{ devices, ledger: this.ledger, goods },
      orders: { perform: (order, actor) => this.#perform(order, actor) },
      settings: this.settings,
      setup: this.setup,
      trends: { view: () => ({ charts: [], sales: null }) },
      ...{ acceptShelf: () => undefined, catalog: () => this.catalog },
      ...{ charges: () => null, sendCharges: () => undefined, office: () => this.office },
    });
    const access = new ServiceAccess({
      ...{ store, hasher: this.#hasher, list: () => this.list, operatorNowMs: nowMs },
      operatingClock: { nowMs: () => clock.monotonicMs() },
      onFailures: (kind, count) => {
        tellStaff(`${kind} ${count}`);
      },
    });
    const screen = { door, doors, isOnline: () => false, random: systemRandom, tellStaff };
    this.service = new ServiceController({ ...about, ...screen, access, keeper, acts, tests, log });
    this.service.start();
  }

  /** What is ordered of settings and devices is done; of the rest a test says what becomes of it. */
  #perform(order: ServiceOrder, actor: string): Promise<Outcome> {
    const isDone = order.act === 'changeSettings' || order.act === 'undoSettings' || isSetupOrder(order);
    if (!isDone) return Promise.resolve(this.ordered);
    const parts = { settings: this.settings, setup: this.setup } as unknown as StaffOrdersOptions;
    return new StaffOrders(parts).perform(order, actor);
  }

  /** The operator has said who works here. */
  async withList(): Promise<this> {
    const { staffNo, pin, duressPin } = rigStaff;
    const [pinHash, duressHash] = [await this.#hasher.hash(pin), await this.#hasher.hash(duressPin)];
    const one = { staffNo, name: 'Li', role: 'administrator', pinHash, duressHash, pinVersion: 1 };
    const issuedAtMs = this.clock.nowMs();
    const times = { issuedAtMs, expiresAtMs: issuedAtMs + staffListLifeMs };
    const list = { version: 1, ...times, cabinetId: 'K', codeKey: rigCodeKey, staff: [one] };
    this.list = staffListSchema.parse(list);
    return this;
  }

  async signIn(staffNo: string = rigStaff.staffNo, secret: string = rigStaff.pin): Promise<void> {
    this.service.knock();
    this.service.signIn(staffNo, secret);
    await turn();
  }

  /** The PIN, where an act asks for it; what was ordered is done then. */
  async typePin(): Promise<void> {
    this.service.confirmPin(rigStaff.pin);
    await turn();
    await turn();
  }

  /** What the page shows to who is signed in. */
  get view(): Extract<ServiceView, { screen: 'open' }> {
    const view = this.service.view();
    if (view?.screen !== 'open') throw new Error(JSON.stringify(view));
    return view;
  }

  /** Of who is signed in. */
  get sessionId(): string {
    return this.view.sessionId;
  }

  /** What is said of goods at the screen, and what becomes of it. */
  async order(of: GoodsOrder): Promise<ServiceRig['view']['last']> {
    this.service.goods(this.sessionId, of);
    await turn();
    await turn();
    return this.view.last;
  }

  remove(): void {
    this.service.stop();
    this.db.close();
    this.#remove();
  }
}

function mustOpenSettings(folder: string, clock: FakeClock, nowMs: () => number): SettingsVersions {
  const versions = new SettingsVersions(unwrap(openSettings(folder, clock)), nowMs);
  versions.start();
  return versions;
}

/** What was asked for of hashes and devices has been answered. */
export const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
