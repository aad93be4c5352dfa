import type { Clock } from '../../shared/clock.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import type { DeviceAdmin } from '../../shared/model/device-admin.ts';
import type { DeviceFailure, DoorState } from '../../shared/model/device.ts';
import type { GoodsOrder } from '../../shared/model/goods-order.schema.ts';
import type { TestOrder } from '../../shared/model/self-test.schema.ts';
import type { OfficeView } from '../../shared/model/service-office.schema.ts';
import type { ServiceOrder } from '../../shared/model/service-order.schema.ts';
import type { ServiceView } from '../../shared/model/service.schema.ts';
import type { LeaveRefusal, ServiceAct } from '../../shared/model/service.ts';
import type { Result } from '../../shared/result.ts';
import { Listeners } from '../../shared/util/listeners.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { SettingsVersions } from '../settings/settings-versions.ts';
import type { CoolingKeeper } from '../cooling/cooling-keeper.ts';
import type { StockLedger } from '../stock/stock-ledger.ts';
import type { GoodsOrders } from './goods-orders.ts';
import type { DevicesHeard } from './devices-heard.ts';
import type { SelfTests } from './self-tests.ts';
import type { MaintenanceKeeper } from './maintenance-keeper.ts';
import type { ServiceLog } from './service-log.ts';
import type { Outcome } from './outcome.ts';
import type { SetupDesk } from './setup-desk.ts';
import type { StaffOrders } from './staff-orders.ts';
import type { TrendLog } from '../trends/trend-log.ts';

type OpenView = Extract<ServiceView, { screen: 'open' }>;
type Stock = ReadonlyMap<string, number>;
/** On record, and not on the screen: somebody was forced. */
export const hiddenInRecord = 'isForced';
/** Entries of the record that the screen shows. */
const shownEntries = 60;

type Overview = Pick<
  OpenView,
  | 'devices'
  | 'cooling'
  | 'tests'
  | 'trends'
  | 'stock'
  | 'charges'
  | 'office'
  | 'settings'
  | 'setup'
  | 'products'
  | 'lots'
  | 'scanned'
  | 'differences'
  | 'restock'
  | 'plan'
  | 'places'
  | 'photos'
>;

export interface ServiceActsOptions {
  readonly log: ServiceLog;
  readonly keeper: MaintenanceKeeper;
  readonly devices: DeviceAdmin & {
    readonly doorCount: number;
    unlock(door?: number): Promise<Result<{ door: DoorState }, DeviceFailure>>;
  };
  readonly devicesHeard: Pick<DevicesHeard, 'shown'>;
  readonly cooling: Pick<CoolingKeeper, 'accept' | 'view'>;
  readonly tests: Pick<SelfTests, 'run' | 'view'>;
  readonly trends: Pick<TrendLog, 'view'>;
  readonly orders: Pick<StaffOrders, 'perform'>;
  readonly tellStaff: (detail: string) => void;
  /** What lies inside by its tags, by SKU; null: not settled. */
  readonly stock: () => Stock | null;
  readonly ledger: Pick<StockLedger, 'book' | 'before'>;
  readonly goods: Pick<GoodsOrders, 'begin' | 'end' | 'perform' | 'accept' | 'scanned' | 'view'>;
  /** What has fallen silent so far is explained. */
  readonly acceptShelf: () => void;
  readonly catalog: () => Catalog | null;
  readonly charges: () => { readonly count: number; readonly oldestAtMs: number | null } | null;
  readonly sendCharges: () => void;
  /** The cabinet as an administrator sees it. */
  readonly office: () => OfficeView | null;
  readonly settings: Pick<SettingsVersions, 'view'>;
  readonly setup: Pick<SetupDesk, 'view' | 'end' | 'isTrying'>;
  readonly clock: Clock;
  /** The operator's time, for the record. */
  readonly nowMs: () => number;
  readonly logger: Logger;
}

/**
 * What is done in service mode, once it is judged that it may be. Each act is on record before it is begun, and its outcome
 * after it: what cannot be put on record is not done.
 */
export class ServiceActs {
  readonly #o: ServiceActsOptions;
  readonly #listeners: Listeners;
  #onLeaving: ((then: () => void) => void) | null = null;
  #last: OpenView['last'] = null;
  /** The goods before the door was opened for the first time since somebody signed in; null: they were not counted then. */
  #stockBefore: Stock | null = null;
  #isOpened = false;
  #isBusy = false;

  constructor(options: ServiceActsOptions) {
    this.#o = options;
    this.#listeners = new Listeners(options.clock);
  }

  get last(): OpenView['last'] {
    return this.#last;
  }
  /** An act is under way, perhaps of the session before: none is begun beside it. */
  get isBusy(): boolean {
    return this.#isBusy;
  }
  /** An act ends the session: whoever holds that ends it, and then calls what it is given. */
  onLeaving(leave: (then: () => void) => void): void {
    this.#onLeaving = leave;
  }
  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Somebody has signed in. */
  begin(): void {
    this.#last = null;
    this.#stockBefore = null;
    this.#isOpened = false;
    this.#o.goods.begin();
  }

  /** Nobody is signed in any more. What is only tried ends first: by what it says of the door nothing is decided. */
  end(): void {
    this.#o.setup.end();
    this.#o.goods.end();
  }

  /** Why the cabinet cannot be left, beside its door. */
  get whyNotLeave(): LeaveRefusal | null {
    return this.#o.setup.isTrying ? 'setup_open' : null;
  }

  /** The open command, once: of this door, or of each. Only while nothing is sold, and with that on the disk. */
  openDoor(actor: string, door?: number): boolean {
    return this.run(actor, 'openDoor', door === undefined ? {} : { door }, () => this.#open(actor, door));
  }

  /** What lies inside now is right: the differences are named in the record, and what is gone is no alarm. */
  acceptStock(actor: string): boolean {
    return this.run(actor, 'acceptStock', {}, () => Promise.resolve(this.#accept()));
  }

  /** The goods were looked at, and what is spoilt was taken out. Not while it is too warm still. */
  acceptCooling(actor: string): boolean {
    const { cooling } = this.#o;
    return this.run(actor, 'acceptCooling', {}, () => {
      const data = { cooling: cooling.view() };
      const isAccepted = cooling.accept();
      return Promise.resolve({
        outcome: isAccepted ? 'done' : 'refused',
        detail: isAccepted ? '' : 'too_warm',
        data,
      });
    });
  }

  testDevice(actor: string, deviceId: string): boolean {
    return this.run(actor, 'testDevice', { deviceId }, async () => {
      const tested = await this.#o.devices.perform({ type: 'selfTest', deviceId });
      if (!tested.ok) return { outcome: 'failed', detail: `${deviceId}: ${tested.error.code}` };
      const { isPassed, detail } = tested.value;
      return { outcome: isPassed ? 'done' : 'failed', detail: `${deviceId}: ${detail}` };
    });
  }

  setLight(actor: string, on: boolean): boolean {
    return this.run(actor, 'setLight', { on }, async () => {
      const set = await this.#o.devices.perform({ type: 'setLight', on });
      return set.ok ? { outcome: 'done' } : { outcome: 'failed', detail: set.error.code };
    });
  }

  /** A guided self-test, with whoever stands there. */
  selfTest(actor: string, order: TestOrder): boolean {
    const { tests, tellStaff } = this.#o;
    return this.run(actor, 'selfTest', order, async () => {
      const { findings, facts } = await tests.run(order, (door) => this.#open(actor, door));
      if (findings.length === 0) return { outcome: 'done', data: { facts } };
      const detail = `${order.test}: ${findings.join(' ')}`;
      if (!findings.includes('ended')) tellStaff(`self_test: ${detail}`);
      return { outcome: 'failed', detail, data: { facts } };
    });
  }

  /** Whatever waits for the operator is tried now. It changes no charge. */
  sendCharges(actor: string): boolean {
    return this.run(actor, 'sendCharges', {}, () => {
      this.#o.sendCharges();
      return Promise.resolve({ outcome: 'done' });
    });
  }

  /** What restockers say of goods (goods-orders.ts). */
  goods(actor: string, order: GoodsOrder): boolean {
    const { act, ...given } = order;
    return this.run(actor, act, given, () =>
      this.#o.goods.perform(order, {
        actor,
        isOpened: this.#isOpened,
        open: () => this.#open(actor),
        accept: () => this.#accept(),
      }),
    );
  }
  /** True: a bar code, for whoever restocks. */
  scanned(text: string): boolean {
    return this.#o.goods.scanned(text);
  }

  /** What technicians and administrators order (staff-orders.ts). */
  order(actor: string, order: ServiceOrder): boolean {
    const { act, ...given } = order;
    return this.run(actor, act, given, () => this.#o.orders.perform(order, actor));
  }

  /** On record, done, and its outcome on record. One at a time: false, and nothing is done, while another is under way. */
  run(
    actor: string,
    act: ServiceAct,
    given: Readonly<Record<string, unknown>>,
    perform: () => Promise<Outcome>,
  ): boolean {
    if (this.#isBusy) return false;
    if (!this.#note(actor, act, { ...given, state: 'begins' })) {
      this.#show(act, { outcome: 'refused', detail: 'storage' });
      return true;
    }
    this.#isBusy = true;
    this.#last = { act, outcome: 'running', detail: '' };
    void perform()
      .catch((error: unknown): Outcome => {
        this.#o.logger.error('service.act_failed', { act, error: String(error) });
        return { outcome: 'failed', detail: 'internal' };
      })
      .then((outcome) => {
        const { data, onLeft, ...told } = outcome;
        this.#note(actor, act, { ...given, ...data, state: told.outcome, detail: told.detail ?? '' });
        this.#isBusy = false;
        this.#show(act, outcome);
        if (onLeft !== undefined) this.#onLeaving?.(onLeft);
      });
    return true;
  }

  overview(may: (act: ServiceAct) => boolean): Overview {
    const charges = may('sendCharges') ? this.#o.charges() : null;
    return {
      devices: this.#o.devicesHeard.shown(),
      cooling: this.#o.cooling.view(),
      trends: may('selfTest') ? this.#o.trends.view(may('askOffice')) : null,
      tests: may('selfTest') ? this.#o.tests.view() : null,
      stock: this.#stockLines(),
      ...this.#o.goods.view(),
      charges: charges && { unsettledCount: charges.count, oldestAtMs: charges.oldestAtMs },
      office: may('askOffice') ? this.#o.office() : null,
      settings: may('changeSettings') ? this.#o.settings.view() : null,
      setup: may('tryDevice') ? this.#o.setup.view() : null,
    };
  }

  logEntries(): OpenView['log'] {
    const entries = this.#o.log.latest(shownEntries);
    if (!entries.ok) return null;
    return entries.value.map(({ seq, atMs, actor, act, data }) => ({
      seq,
      atMs,
      actor,
      act,
      detail: Object.entries(data)
        .filter(([name, value]) => name !== hiddenInRecord && typeof value !== 'object')
        .map(([name, value]) => `${name} ${String(value)}`)
        .join(', '),
    }));
  }

  /** The one way in which the bolt moves for the staff. */
  async #open(actor: string, door?: number): Promise<Outcome> {
    const { keeper, devices, stock, ledger } = this.#o;
    if (!keeper.mayOpen) return { outcome: 'refused', detail: 'visit' };
    // Not later either: what lies inside after an opening is not what lay there before it.
    if (!this.#isOpened) {
      this.#stockBefore ??= stock();
      // What is gone already was so before them.
      if (!ledger.before(`service:${actor}`).ok) return { outcome: 'refused', detail: 'storage' };
    }
    this.#isOpened = true;
    keeper.boltReleased();
    const all = Array.from({ length: devices.doorCount }, (_, index) => index + 1);
    let failure = '';
    for (const one of door === undefined ? all : [door]) {
      const opened = await devices.unlock(one);
      // Whether the bolt has moved, only the door can tell.
      if (!opened.ok) failure ||= all.length > 1 ? `door ${one}: ${opened.error.code}` : opened.error.code;
    }
    return failure === '' ? { outcome: 'done' } : { outcome: 'failed', detail: failure };
  }

  #accept(): Outcome {
    const { stock, acceptShelf, keeper, ledger, goods } = this.#o;
    // Another session may have opened the door: then what the book has was there before.
    const before = this.#stockBefore ? Object.fromEntries(this.#stockBefore) : ledger.book()?.counts;
    const now = stock();
    if (now === null || keeper.whyNotLeave !== null) return { outcome: 'refused', detail: 'not_settled' };
    const accepted = goods.accept(now);
    if (!accepted.ok) return { outcome: 'refused', detail: 'storage' };
    acceptShelf();
    this.#stockBefore = now;
    // What goes from now on is new, and the next opening is on record with whoever it is.
    this.#isOpened = false;
    const data = { before: before ?? null, after: Object.fromEntries(now), moved: accepted.value };
    return { outcome: 'done', data };
  }

  #stockLines(): OpenView['stock'] {
    const [now, before] = [this.#o.stock(), this.#stockBefore];
    if (now === null) return null;
    const products = this.#o.catalog()?.products ?? [];
    return products
      .filter(({ sku }) => (now.get(sku) ?? 0) > 0 || (before?.get(sku) ?? 0) > 0)
      .map(({ sku, name }) => ({
        sku,
        name,
        now: now.get(sku) ?? 0,
        before: before === null ? null : (before.get(sku) ?? 0),
      }));
  }

  #show(act: ServiceAct, { outcome, detail = '' }: Outcome): void {
    this.#last = { act, outcome, detail: detail.slice(0, 200) };
    this.#listeners.emit();
  }

  #note(actor: string, act: ServiceAct, data: Readonly<Record<string, unknown>>): boolean {
    const noted = this.#o.log.append({ atMs: this.#o.nowMs(), actor, act, data });
    if (!noted.ok) this.#o.logger.error('service.not_logged', { act, error: noted.error });
    return noted.ok;
  }
}
