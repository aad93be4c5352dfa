import { receiptStatusOf } from '../core/charge/reasons.ts';
import type { VisitLimits } from '../core/visit/limits.ts';
import { viewOf } from '../core/visit/visit-view.ts';
import { VisitChart } from '../core/visit/visit.ts';
import type { AuthoriseRequest } from '../shared/api/operator.ts';
import { assert } from '../shared/assert.ts';
import type { Clock } from '../shared/clock.ts';
import type { IpcResult } from '../shared/ipc/table.schema.ts';
import { type ChargeId, idRandomByteCount, makeDisputeId, shortRef } from '../shared/ids.ts';
import type { Product } from '../shared/model/catalog.schema.ts';
import type { ReasonCode } from '../shared/model/charge.ts';
import type { Member } from '../shared/model/member.schema.ts';
import type { KioskSnapshot, Receipt } from '../shared/model/visit.schema.ts';
import { zeroMinor } from '../shared/money.ts';
import type { Random } from '../shared/random.ts';
import { fail, ok } from '../shared/result.ts';
import { AccountController } from './account/account-controller.ts';
import { PurchaseHistory } from './account/purchase-history.ts';
import { ChargeQueue } from './charges/charge-queue.ts';
import { ChargeStore } from './charges/charge-store.ts';
import { DisputeQueue } from './charges/dispute-queue.ts';
import { DisputeStore } from './charges/dispute-store.ts';
import type { Settings, SettingsStore } from './config.ts';
import { makeSnapshot } from './kiosk-snapshot.ts';
import { DeviceHost, type HostProcess } from './devices/device-host.ts';
import { AlarmSender } from './operator/alarm-sender.ts';
import { CatalogSync } from './operator/catalog-sync.ts';
import { Enrolment } from './operator/enrolment.ts';
import { FaceCountSender } from './operator/face-count-sender.ts';
import type { HttpTransport } from './operator/http-transport.ts';
import { NetworkLinkMonitor } from './operator/network-link-monitor.ts';
import { OperatorClient, type OperatorFailure } from './operator/operator-client.ts';
import { FaceController } from './face/face-controller.ts';
import type { FaceVault } from './face/face-vault.ts';
import type { Logger } from '../shared/util/logger.ts';
import type { Secrets } from './platform/secrets.ts';
import { CatalogStore } from './storage/catalog-store.ts';
import type { Database } from './storage/database.ts';
import { MetaStore } from './storage/meta-store.ts';
import { CabinetCodeScreen } from './visit/cabinet-code-screen.ts';
import { makeVisitRecords } from './visit/stored-records.ts';
import type { VisitPorts } from './visit/visit-records.ts';
import { VisitLoop } from './visit/visit-loop.ts';
import { VisitStore } from './visit/visit-store.ts';

/** Between two looks for entries of the journal that nobody needs any more. */
const forgetEveryMs = 10 * 60_000;
/** After a queue stopped because of the database. */
const queueRestartMs = 2_000;

export interface KioskOptions {
  settings: SettingsStore;
  secrets: Secrets;
  database: Database;
  /** Null: faces are not kept here, because of the settings or because the vault does not open. */
  vault: FaceVault | null;
  clock: Clock;
  /** All chance: ids, nonces, back-off. */
  random: Random;
  logger: Logger;
  /** The way to the operator; absent: HTTP over the network. */
  httpTransport?: HttpTransport;
  spawnHost: () => HostProcess;
  /** The whole state has changed: show it. */
  onSnapshot: (snapshot: KioskSnapshot) => void;
  limits?: VisitLimits;
}

/**
 * The kiosk without Electron: everything that decides, remembers, talks to the operator and to the devices, put
 * together. The simulation and the tests run this very class.
 */
export class Kiosk {
  readonly runner: VisitLoop;
  readonly charges: ChargeStore;
  readonly devices: DeviceHost;
  /** Null: this cabinet keeps no faces. */
  readonly faces: FaceController | null;
  /** Behind "my data". */
  readonly account: AccountController;
  readonly #options: KioskOptions;
  readonly #client: OperatorClient;
  readonly #link: NetworkLinkMonitor;
  readonly #queue: ChargeQueue;
  readonly #disputes: DisputeStore;
  readonly #disputeQueue: DisputeQueue;
  readonly #catalog: CatalogSync;
  readonly #enrolment: Enrolment;
  readonly #alarms: AlarmSender;
  readonly #faceCount: FaceCountSender | null;
  readonly #purchases: PurchaseHistory;
  readonly #cabinetCode: CabinetCodeScreen;
  readonly #visits: VisitStore;
  #cancelForgetting: () => void = () => undefined;
  /** Of the member who is in "my data", as the operator told them; kept nowhere else before there is a face. */
  #phoneDigits: string | null = null;
  #seq = 0;
  #started = false;

  constructor(options: KioskOptions) {
    this.#options = options;
    const { settings: store, secrets, database, clock, random, logger } = options;
    const unit = (): number => random.unit();
    const randomBytes = (count: number): Uint8Array => random.bytes(count);
    const { settings } = store;
    const changed = (): void => this.#changed();
    this.#client = new OperatorClient({
      baseUrl: settings.operatorUrl,
      cabinetId: settings.cabinetId,
      sign: (text) => secrets.sign(text),
      clock,
      randomNonce: () => Buffer.from(random.bytes(16)).toString('base64url'),
      ...(options.httpTransport === undefined ? {} : { transport: options.httpTransport }),
    });
    this.charges = new ChargeStore(database, clock);
    this.#link = new NetworkLinkMonitor({ client: this.#client, clock, logger });
    this.#queue = new ChargeQueue({
      store: this.charges,
      client: this.#client,
      link: this.#link,
      clock,
      random: unit,
      logger,
      onChange: () => {
        this.#purchases.localChanged();
        changed();
      },
      onStopped: () => this.#startAgain(this.#queue),
    });
    this.#disputes = new DisputeStore(database, clock);
    this.#disputeQueue = new DisputeQueue({
      ...{
        store: this.#disputes,
        client: this.#client,
        link: this.#link,
        clock,
        random: unit,
        logger,
      },
      onDone: () => this.#queue.poke(),
      onStopped: () => this.#startAgain(this.#disputeQueue),
    });
    this.#catalog = new CatalogSync({
      store: new CatalogStore(database, clock),
      client: this.#client,
      clock,
      logger,
    });
    this.#alarms = new AlarmSender({ client: this.#client, link: this.#link, clock, logger });
    this.#enrolment = new Enrolment({
      ...{ client: this.#client, secrets, settings: store, link: this.#link, clock, logger },
      meta: new MetaStore(database),
    });
    this.devices = new DeviceHost({ spawn: options.spawnHost, config: settings.cabinet, clock, logger });
    this.#visits = new VisitStore(database, clock);
    this.runner = new VisitLoop({
      chart: new VisitChart(options.limits),
      ports: this.#ports(settings),
      records: makeVisitRecords(database, this.#visits, this.charges),
      clock,
      logger,
    });
    this.runner.onChange(changed);
    const { cabinetId, shopperUrl } = settings;
    this.#cabinetCode = new CabinetCodeScreen({
      ...{ cabinetId, shopperUrl, client: this.#client, link: this.#link, clock, logger, randomBytes },
      sign: (text) => secrets.sign(text),
      onSignedIn: (code) => this.runner.scanned(code),
      onChange: changed,
    });
    const { vault } = options;
    this.faces = vault === null ? null : this.#makeDesk(vault);
    this.#purchases = new PurchaseHistory({
      ...{ client: this.#client, charges: this.charges, disputes: this.#disputes, cabinetId, clock, logger },
      pictureOf: (sku) => this.#pictureOf(sku),
      onActive: () => this.runner.dispatch({ type: 'active' }),
      onChange: changed,
    });
    this.account = new AccountController(this.faces, this.#purchases);
    const toOperator = { client: this.#client, link: this.#link, clock, logger, random: unit };
    this.#faceCount = vault === null ? null : new FaceCountSender({ ...toOperator, vault });
    this.#link.onChange((online) => {
      if (online) this.#catalog.poke();
      changed();
    });
    for (const part of [this.#catalog, this.#enrolment]) {
      part.onChange(() => {
        this.runner.availabilityInputsChanged();
        changed();
      });
    }
  }

  start(): void {
    this.#started = true;
    this.devices.on((event) => {
      this.runner.deviceEvent(event);
    });
    this.devices.start();
    // What is known already (catalogue, enrolment) first, so that the first screen is the right one.
    this.#enrolment.start();
    this.#catalog.start();
    this.runner.start();
    this.#link.start();
    this.#queue.start();
    this.#disputeQueue.start();
    this.faces?.start();
    this.#forgetLater();
  }

  /** Lets go of everything in order; the database stays open for the caller to close. */
  async stop(): Promise<void> {
    this.#started = false;
    this.runner.stop();
    this.#cabinetCode.stop();
    this.faces?.stop();
    this.#purchases.close();
    this.#cancelForgetting();
    this.#enrolment.stop();
    this.#alarms.stop();
    this.#faceCount?.stop();
    this.#catalog.stop();
    this.#link.stop();
    await Promise.all([this.#queue.stop(), this.#disputeQueue.stop(), this.devices.stop()]);
  }

  /**
   * Puts a dispute of the charge on screen (receipt, purchase) on record; true words for the screen once it is durable. `stale`: another
   * one or none is on screen; `bad_request`: it has no such line; `internal`: the database did not take it.
   */
  disputeCharge(chargeId: ChargeId, skus: readonly string[]): IpcResult<null> {
    const { state, context } = this.runner.visit;
    const onReceipt = state === 'receipt' && context.chargeId === chargeId;
    if (!onReceipt && !this.#purchases.mayDispute(chargeId)) return fail('stale', 'not what is on screen');
    const { clock, random, logger } = this.#options;
    const disputeId = makeDisputeId(clock.nowMs(), random.bytes(idRandomByteCount));
    const added = this.#disputes.add(chargeId, disputeId, skus);
    if (!added.ok) {
      logger.error('dispute.not_recorded', { chargeId, error: added.error });
      const { code, message } = added.error;
      return fail(code === 'dispute.no_such_line' ? 'bad_request' : 'internal', message);
    }
    this.#disputeQueue.poke();
    this.#purchases.localChanged();
    this.runner.dispatch({ type: onReceipt ? 'disputed' : 'active' });
    return ok(null);
  }

  /**
   * "My data": by code; without a network, which the code needs, by face, so that consent can be withdrawn at any time. `stale`: no network,
   * and no faces here.
   */
  chooseAccount(): IpcResult<null> {
    const online = this.#link.isOnline();
    if (!online && this.faces === null) return fail('stale', 'neither code nor face');
    this.runner.dispatch({ type: 'chooseAccount', by: online ? 'code' : 'face' });
    return ok(null);
  }

  snapshot(): KioskSnapshot {
    const { runner } = this;
    const visit = viewOf(runner.visit, {
      timerElapsedMs: runner.timerElapsedMs,
      readerTrouble: runner.readerTrouble,
      availability: runner.availability.availability,
      nameOf: (sku) => this.#productOf(sku)?.name ?? null,
      cabinetCode: () => this.#cabinetCode.view(),
      receipt: () => this.#receipt(),
      face: () => this.#desk().faceView(),
      account: () => this.account.view(),
    });
    const { enabled } = this.#options.settings.settings.face;
    return makeSnapshot(this.#options.settings.settings, this.#seq, visit, {
      faceOff: enabled ? (this.faces === null ? 'vault' : null) : 'off',
      catalog: this.#catalog.current(),
      online: this.#link.isOnline(),
      degradedSecrets: this.#options.secrets.degraded,
    });
  }

  /** The database did not take what a queue had to write: no sale on credit until it does again. */
  #startAgain(queue: ChargeQueue | DisputeQueue): void {
    this.runner.availabilityInputsChanged();
    this.#options.clock.after(queueRestartMs, () => {
      if (this.#started) queue.start();
      this.runner.availabilityInputsChanged();
    });
  }

  /** Old entries of the journal go now and then, a few at a time, while nobody is served. */
  #forgetLater(): void {
    const { clock, logger } = this.#options;
    this.#cancelForgetting = clock.after(forgetEveryMs, () => {
      const forgotten = this.runner.idle ? this.#visits.forgetOld() : ok(0);
      if (!forgotten.ok) logger.warn('visit.journal_not_tidied', { error: forgotten.error });
      else if (forgotten.value > 0) logger.info('visit.journal_tidied', { count: forgotten.value });
      this.#forgetLater();
    });
  }

  #changed(): void {
    if (!this.#started) return;
    const { state, context } = this.runner.visit;
    this.#cabinetCode.onVisitChanged(state === 'identifyingByCode' ? (context.timer?.seq ?? null) : null);
    this.faces?.onVisitChanged(this.runner.visit, this.#phoneDigits);
    this.#purchases.onVisitChanged(this.runner.visit);
    this.#seq++;
    this.#options.onSnapshot(this.snapshot());
  }

  #ports(settings: Settings): VisitPorts {
    return {
      cabinetId: settings.cabinetId,
      devices: this.devices,
      catalog: () => this.#catalog.current(),
      enrolled: () => this.#enrolment.done,
      canPersistCharges: () => !this.#started || (this.#queue.running && this.#disputeQueue.running),
      authorise: (request) => this.#authorise(request),
      raiseAlarm: (alarm) => {
        this.#alarms.raise(alarm);
      },
      chargeSettled: () => {
        this.#queue.poke();
      },
      randomBytes: (count) => this.#options.random.bytes(count),
    };
  }

  async #authorise(request: AuthoriseRequest): Promise<{ member: Member } | { reason: ReasonCode }> {
    const answer = await this.#client.authorise(request);
    if (!answer.ok) return { reason: reasonOf(answer.error) };
    if (answer.value.decision === 'refused') return { reason: answer.value.reason };
    this.#phoneDigits = answer.value.phoneDigits;
    return { member: answer.value.member };
  }

  #makeDesk(vault: FaceVault): FaceController {
    const { settings, clock, random, logger } = this.#options;
    return new FaceController({
      ...{ vault, settings: settings.settings.face, clock, logger },
      random: () => random.unit(),
      randomBytes: (count) => random.bytes(count),
      operatorNowMs: () => (this.#link.isOnline() ? this.#client.operatorNowMs() : null),
      onRecognised: (memberId) => this.runner.recognised(memberId),
      onGone: () => this.runner.dispatch({ type: 'cancel' }),
      onActive: () => this.runner.dispatch({ type: 'active' }),
      setLight: (on) => this.devices.setLight(on),
      onChange: () => this.#changed(),
    });
  }

  #desk(): FaceController {
    assert(this.faces !== null, 'without faces no screen of theirs is reached');
    return this.faces;
  }

  #productOf(sku: string): Product | null {
    return this.#catalog.current()?.products.find((product) => product.sku === sku) ?? null;
  }

  #pictureOf(sku: string): string {
    return this.#productOf(sku)?.picture ?? '';
  }

  /** What the shopper is told about the visit that has just ended, from the charge on record. */
  #receipt(): Receipt {
    const { chargeId, bill, member, closedAtMs } = this.runner.visit.context;
    const found = chargeId === null ? null : this.charges.get(chargeId);
    const charge = found?.ok === true ? found.value : null;
    const disputed = chargeId === null ? null : this.#disputes.skusOf(chargeId);
    const withPicture = <T extends { sku: string }>(lines: readonly T[]): (T & { picture: string })[] =>
      lines.map((line) => ({ ...line, picture: this.#pictureOf(line.sku) }));
    const nothingBilled = bill !== null && bill.lines.length === 0;
    const status = charge === null ? 'review' : receiptStatusOf(charge.state, charge.reason);
    return {
      ref: chargeId === null ? '' : shortRef(chargeId),
      chargeId: chargeId ?? '',
      status: nothingBilled ? 'review' : status,
      reason: charge?.reason ?? bill?.review[0] ?? null,
      lines: withPicture(bill?.lines ?? []),
      heldLines: withPicture(bill?.heldLines ?? []),
      totalMinor: bill?.totalMinor ?? zeroMinor,
      atMs: closedAtMs ?? this.#options.clock.nowMs(),
      member: member?.display ?? '',
      disputed: disputed?.ok === true ? disputed.value : [],
    };
  }
}

/** Why the shopper could not be let in, when the question itself failed. */
function reasonOf(failure: OperatorFailure): ReasonCode {
  if (failure.code === 'network.unreachable' || failure.code === 'network.timeout') return failure.code;
  return 'system.operator_error';
}
