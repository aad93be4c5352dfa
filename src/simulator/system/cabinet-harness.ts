import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ChargeRecord } from '../../main/charges/charge-record.ts';
import type { SettingsStore } from '../../main/settings/settings-store.ts';
import type { HostProcess } from '../../main/devices/device-host.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import type { VisitContext, VisitStateName } from '../../core/visit/visit-model.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { SeededRandom } from '../../shared/random.ts';
import type { DeviceKind } from '../../shared/model/device.ts';
import { type KioskSnapshot, kioskSnapshotSchema } from '../../shared/model/visit.schema.ts';
import type { OutOfServiceReason } from '../../shared/model/visit.ts';
import type { DeviceFault } from '../api.ts';
import type { Cabinet } from '../cabinet.ts';
import { loadSampleCatalog } from '../catalog.ts';
import { type SimulatedCabinet, makeSimulatedCabinet } from '../simulated-cabinet.ts';
import type { NetworkMode } from '../switches.ts';
import type { World } from '../world.ts';
import { auditBooks, auditMoney, unsettled } from './audit.ts';
import { BoltWatch } from './bolt-watch.ts';
import { EventLog } from './event-log.ts';
import { Disk, KioskProcess } from './kiosk-process.ts';
import type { OperatorCharge, SharedOperator } from './shared-operator.ts';
import { type CabinetHarnessOptions, settingsFor, stockOf, stockSkus, testLimits } from './cabinet-setup.ts';
import { MemoryCables } from './memory-cables.ts';
import { MemoryNetwork } from './memory-network.ts';
import { Shopper } from './shopper.ts';
import { unwrap } from '../../testkit/unwrap.ts';

const readsPerSecond = 100;
const pollEveryMs = 20;
/** Default bound of a wait, in the test's own (fast) time. */
export const waitMaxMs = 40_000;

/** A cabinet in a shop: simulated body, real kiosk, real operator; and one shopper at a time before it. */
export class CabinetHarness {
  readonly cabinetId: string;
  readonly clock: Clock;
  readonly operator: SharedOperator;
  readonly disk = new Disk();
  readonly shopper: Shopper;
  readonly network: MemoryNetwork;
  /** What must never be, and was. */
  readonly violations: string[] = [];
  readonly #options: CabinetHarnessOptions;
  readonly #scratch = makeScratchFolder();
  readonly #prices: ReadonlyMap<string, number>;
  readonly #log: EventLog;
  readonly #stateHooks: { state: VisitStateName; act: () => void }[] = [];
  readonly #simulated: SimulatedCabinet;
  readonly #cables: MemoryCables;
  readonly #random: SeededRandom;
  readonly #settings: SettingsStore;
  readonly #makeHost: (() => HostProcess) | undefined;
  #process: KioskProcess | null = null;
  #runCount = 0;
  readonly #bolt: BoltWatch;

  private constructor(operator: SharedOperator, simulated: SimulatedCabinet, setup: Setup) {
    this.operator = operator;
    this.clock = operator.clock;
    this.#log = new EventLog(this.clock);
    this.cabinetId = setup.cabinetId;
    this.#options = setup.options;
    this.#simulated = simulated;
    this.#cables = setup.cables;
    this.#settings = setup.settings;
    this.#makeHost = setup.makeHost;
    this.#random = new SeededRandom(setup.seed);
    this.network = new MemoryNetwork({
      server: operator.server,
      clock: operator.clock,
      random: this.#random,
    });
    const { world, cabinet: devices } = simulated;
    this.shopper = new Shopper({ world, devices, operator, record: (what) => this.record(what) });
    this.#prices = new Map(simulated.catalog.products.map((p) => [p.sku, p.priceMinor]));
    mkdirSync(this.#dir);
    this.#bolt = new BoltWatch({
      world,
      clock: this.clock,
      visit: () => this.#process?.kiosk.visitLoop.visit ?? null,
      isStaffAtWork: () => this.#process?.kiosk.visitLoop.isStaffAtWork ?? false,
      onLooseWithoutVisit: ({ state }) => {
        this.record('BOLT RELEASED WITHOUT A VISIT');
        this.violations.push(`bolt released without a visit, in ${state}`);
      },
    });
  }

  static async open(operator: SharedOperator, options: CabinetHarnessOptions = {}): Promise<CabinetHarness> {
    const number = operator.nextCabinetNumber();
    const cabinetId = options.cabinetId ?? `S-${String(number).padStart(4, '0')}`;
    const seed = options.simulator?.seed ?? number;
    const catalog = loadSampleCatalog();
    const cables = new MemoryCables();
    const simulated = makeSimulatedCabinet(
      {
        catalog: { ...catalog, tags: stockOf(catalog) },
        ...options.simulator,
        seed,
        devices: { readsPerSecond, ...options.simulator?.devices },
      },
      { clock: operator.clock, cables, onChange: () => undefined },
    );
    const devices = await simulated.cabinet.listen();
    const token = await operator.enrolToken(cabinetId);
    const remoteHost = options.remoteHost?.(simulated);
    const settings = settingsFor(
      ...([cabinetId, operator.clock, token, remoteHost?.devices ?? devices] as const),
      {
        ...(options.isWeighed === true ? simulated.cabinet.scale?.shelf : {}),
        cameras: options.cameras ?? [],
      },
      options.cooling,
    );
    const makeHost = remoteHost?.makeHost;
    const harness = new CabinetHarness(operator, simulated, {
      options,
      cabinetId,
      cables,
      seed,
      settings,
      makeHost,
    });
    harness.start();
    if (options.waitForAttract !== false) await harness.waitState('attract');
    return harness;
  }

  /** What this cabinet sells. */
  get stockSkus(): readonly string[] {
    return stockSkus;
  }
  get world(): World {
    return this.#simulated.world;
  }
  /** How often the bolt has let go. */
  get releaseCount(): number {
    return this.#bolt.releaseCount;
  }
  get devices(): Cabinet {
    return this.#simulated.cabinet;
  }

  // The kiosk.

  get #dir(): string {
    return join(this.#scratch.path, `run-${this.#runCount}`);
  }
  get running(): boolean {
    return this.#process !== null;
  }
  get process(): KioskProcess {
    if (this.#process === null) throw new Error(`the kiosk is not running\n${this.eventLog()}`);
    return this.#process;
  }
  get state(): VisitStateName {
    return this.process.kiosk.visitLoop.visit.state;
  }
  get context(): VisitContext {
    return this.process.kiosk.visitLoop.visit.context;
  }
  snapshot(): KioskSnapshot {
    return this.process.kiosk.snapshots.current();
  }
  /** Null while it is in service. */
  get outOfService(): OutOfServiceReason | null {
    const { visit } = this.snapshot();
    return visit.screen === 'out_of_service' ? visit.reason : null;
  }

  /** Starts the kiosk program on the files that the last run left. */
  start(graceOver = this.#options.graceOver ?? true): void {
    this.record('kiosk starts');
    this.#process = new KioskProcess({
      dir: this.#dir,
      settings: this.#settings,
      clock: this.clock,
      logger: this.#log.logger(),
      limits: { ...testLimits, ...this.#options.limits },
      disk: this.disk,
      random: this.#random,
      httpTransport: (clock) => this.network.transport(clock),
      cables: this.#cables,
      graceOver,
      makeHost: this.#makeHost,
      openings: this.#options.openings,
      makeEstimator: this.#options.makeEstimator,
      onSnapshot: (snapshot) => {
        this.#shown(snapshot);
      },
    });
  }

  /**
   * SIGKILL. The next run gets the files as they were at that moment, journal and all, so that nothing which the dead
   * one does in its last turn can reach them; its connections are reset. `disk`: the next run gets this copy instead.
   */
  crash(disk = this.#dir): void {
    this.record('kiosk killed');
    const { process } = this;
    const before = disk;
    this.#runCount++;
    cpSync(before, this.#dir, { recursive: true });
    this.#process = null;
    const { mode, delayMs } = this.network;
    this.network.set('cut', 0);
    process.kill();
    this.network.set(mode, delayMs);
  }

  /** A copy of the files as they are now, for `crash`. */
  copyDisk(): string {
    const copy = `${this.#dir}-copy`;
    cpSync(this.#dir, copy, { recursive: true });
    return copy;
  }

  /** Does this at the first moment at which the kiosk shows this state; in the same turn, before anything else happens. */
  onState(state: VisitStateName, act: () => void): void {
    this.#stateHooks.push({ state, act });
  }

  async waitState(...wanted: VisitStateName[]): Promise<void> {
    await this.until(`state ${wanted.join(' or ')}`, () => wanted.includes(this.state));
  }
  /** Asks again and again; fails with the story of the cabinet. `maxMs` in the test's own time. */
  async until(what: string, isSo: () => boolean, maxMs = waitMaxMs): Promise<void> {
    const endMs = this.clock.monotonicMs() + maxMs;
    while (!isSo()) {
      if (this.clock.monotonicMs() > endMs) {
        throw new Error(`not within ${maxMs} ms: ${what}\n${this.eventLog()}`);
      }
      await this.sleep(pollEveryMs);
    }
  }
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.clock.after(ms, resolve);
    });
  }

  // What the shopper does at the screen, and on the way in.

  chooseCode(): void {
    this.process.kiosk.visitLoop.dispatch({ type: 'chooseCode' });
  }
  /** Of several doors this one, from 1; "unanswered" when nothing comes of it. */
  openDoor(door: number): 'unanswered' | undefined {
    return this.process.kiosk.visitLoop.dispatch({ type: 'openDoor', door });
  }
  finish(): void {
    this.process.kiosk.visitLoop.dispatch({ type: 'finish' });
  }
  /** True when the kiosk took it: the basket was still the one on screen. */
  confirm(): boolean {
    const { basket } = this.context;
    const taken = this.process.kiosk.visitLoop.confirm(basket.revision);
    if (taken) this.shopper.onConfirmed(basket.lines.flatMap((l) => Array<string>(l.count).fill(l.sku)));
    return taken;
  }
  /** Code, door, and in front of the open door. */
  async enter(memberId?: string): Promise<void> {
    await this.waitState('attract');
    await this.until('scanner connected', () => this.devices.scanner.attached);
    await this.shopper.present(memberId);
    if (this.world.doors.length > 1) {
      await this.waitState('choosingDoor');
      this.openDoor(1);
    }
    await this.until('bolt released', () => this.world.bolt === 'released');
    this.shopper.pull();
    await this.waitState('shopping');
  }
  /** Confirms what is on screen, shuts the door and waits until the visit is over. */
  async confirmAndLeave(): Promise<void> {
    if (!this.confirm()) throw new Error(`not confirmed\n${this.eventLog()}`);
    this.shopper.shut();
    await this.waitState('receipt', 'nothingCharged');
    // A cabinet that has sold its last piece does not sell.
    await this.waitState('attract', 'outOfService');
  }
  async waitBasket(totalMinor: number): Promise<void> {
    await this.until(`basket of ${totalMinor}`, () => this.context.basket.totalMinor === totalMinor);
  }
  priceOf(sku: string): number {
    const price = this.#prices.get(sku);
    if (price === undefined) throw new Error(`no price of ${sku}`);
    return price;
  }

  // Trouble.

  unplug(kind: DeviceKind): void {
    this.record(`${kind} unplugged`);
    this.devices.setPlugged(kind, false);
  }
  plug(kind: DeviceKind): void {
    this.record(`${kind} plugged in`);
    this.devices.setPlugged(kind, true);
  }
  fault(kind: DeviceKind, fault: DeviceFault): void {
    this.record(`${kind}: ${fault}`);
    this.devices.setFault(kind, fault);
  }
  setNetwork(mode: NetworkMode, delayMs = 0): void {
    this.record(`network ${mode} ${delayMs || ''}`);
    this.network.set(mode, delayMs);
  }

  // The books.

  charges(): Promise<OperatorCharge[]> {
    return this.operator.chargesOf(this.cabinetId);
  }
  /** Waits until the operator's books of this cabinet are so. */
  async untilCharges(what: string, isSo: (charges: OperatorCharge[]) => boolean): Promise<void> {
    let charges: OperatorCharge[] = [];
    await this.until(what, () => {
      void this.charges().then((now) => {
        charges = now;
      });
      return isSo(charges);
    });
  }
  localCharges(): ChargeRecord[] {
    return this.process.chargeIds().map((id) => {
      const found = this.process.kiosk.charges.get(id as ChargeId);
      if (!found.ok) throw new Error(found.error.message);
      return found.value;
    });
  }
  /** Waits until no charge of this cabinet is under way any more. */
  async waitSettled(maxMs = waitMaxMs): Promise<void> {
    await this.until('all charges settled', () => unsettled(this.localCharges()).length === 0, maxMs);
  }
  /** Everything that is wrong with the money, the log and the bolt, in words. */
  async audit(): Promise<string[]> {
    const found = unwrap(this.process.kiosk.chainCheck.now());
    const [records, charges] = [this.localCharges(), await this.charges()];
    const wrong = [
      ...this.violations,
      ...auditMoney(this.shopper.groundTruths(), charges, (sku) => this.priceOf(sku)),
      ...auditBooks(records, charges),
      ...found.map((finding) => `the record of charges: ${JSON.stringify(finding)}`),
    ];
    if (wrong.length === 0) return [];
    const chargeId = /^(KM\w+):/.exec(wrong[0] ?? '')?.[1];
    return [...wrong, chargeId === undefined ? this.eventLog() : this.#log.around(chargeId)];
  }

  /** What happened, for whoever reads a failed test. */
  eventLog(): string {
    return this.#log.latest();
  }
  /** All of it, and the journal of visits as the kiosk has kept it. */
  fullLog(): string[] {
    return [...this.#log.all(), '## journal', ...this.process.journal()];
  }
  record(what: string): void {
    this.#log.record(what);
  }

  /** The end of the cabinet; the journals of all its visits must lead to the states on record. */
  async close(): Promise<void> {
    this.#bolt.stop();
    const journalFaults = this.#process?.journalFaults() ?? [];
    await this.#process?.stop();
    this.#process = null;
    await this.#simulated.cabinet.close();
    this.#scratch.remove();
    if (journalFaults.length > 0)
      throw new Error(`journals that do not replay:\n${journalFaults.join('\n')}`);
  }

  #shown(snapshot: KioskSnapshot): void {
    const parsed = kioskSnapshotSchema.safeParse(snapshot);
    if (!parsed.success) this.violations.push(`a snapshot that is none: ${parsed.error.message}`);
    // The first snapshots come while the program still starts.
    if (this.#process === null) return;
    const { state, context } = this.process.kiosk.visitLoop.visit;
    const { visitId, chargeId } = context;
    if (state === 'unlocking' && visitId !== null) this.shopper.onVisitBegins(visitId, chargeId ?? '');
    const at = this.#stateHooks.findIndex((w) => w.state === state);
    if (at >= 0) this.#stateHooks.splice(at, 1)[0]?.act();
  }
}

interface Setup {
  readonly options: CabinetHarnessOptions;
  readonly cabinetId: string;
  readonly cables: MemoryCables;
  readonly seed: number;
  readonly settings: SettingsStore;
  readonly makeHost: (() => HostProcess) | undefined;
}
