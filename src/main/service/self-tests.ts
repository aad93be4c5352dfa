import {
  type Judged,
  type MachineState,
  type NetworkProbe,
  found,
  judgeMachine,
  judgeNetwork,
  judgeSpan,
  judgeTags,
  resultAfter,
} from '../../core/service/self-test.ts';
import { type Placing, heatMap } from '../../core/service/heat-map.ts';
import { sessionLimits } from '../../core/service/session.ts';
import type { Clock } from '../../shared/clock.ts';
import type { DeviceAdmin } from '../../shared/model/device-admin.ts';
import type { DeviceHealth, DeviceKind, DoorState } from '../../shared/model/device.ts';
import type { WeightReading } from '../../shared/model/scale.ts';
import {
  type HeatMap,
  type TestOrder,
  type TestResult,
  type TestsView,
  testResultSchema,
} from '../../shared/model/self-test.schema.ts';
import { type SelfTest, type TestStep, knownWeightsG, selfTests } from '../../shared/model/self-test.ts';
import { Listeners } from '../../shared/util/listeners.ts';
import type { DeviceEvent } from '../devices/device-host.ts';
import { fromJson } from '../storage/json-text.ts';
import type { MetaStore } from '../storage/meta-store.ts';
import type { Outcome } from './outcome.ts';
import { TestGuide } from './test-guide.ts';

export const selfTestLimits = {
  /** So long somebody may take to pull, to shut, to hold a code before the scanner. */
  personMs: 60_000,
  /** A bolt catches when the door shuts; one that is held by its time alone, within this. */
  relockMs: 5_000,
  /** The shelf is read closely for so long, and the first message of the reader may take so long to come. */
  listenMs: 8_000,
  /** So often whoever watches is shown what was heard so far. */
  showMs: 1_000,
  firstReadMs: 6_000,
  /** A scale comes to rest within this. */
  restMs: 15_000,
  /** After zeroing, or when something was laid on it, what was said before counts no more. */
  settleMs: 1_500,
} as const;

export interface SelfTestsOptions {
  readonly meta: Pick<MetaStore, 'get' | 'set'>;
  readonly devices: DeviceAdmin;
  readonly health: () => readonly DeviceHealth[];
  /** Each door, the first one first. */
  readonly doors: () => readonly DoorState[];
  /** The shelf is read closely for a while from now on. */
  readonly readClosely: (ms: number) => void;
  /** Which article each tag hangs on, and where it is to stand. */
  readonly placing: () => Placing;
  readonly probeNetwork: () => Promise<NetworkProbe>;
  /** The operator's time less the cabinet's own, ms; null: not known. */
  readonly clockOffMs: () => number | null;
  readonly machine: () => Promise<MachineState>;
  readonly clock: Clock;
  /** The operator's time, for the results. */
  readonly nowMs: () => number;
}

/** As the staff opens it: on record with whoever it is, and only where it may be. */
type OpenDoor = (door: number) => Promise<Outcome>;

interface Running {
  readonly test: SelfTest;
  readonly guide: TestGuide;
  readonly end: () => void;
}

/** The guided self-tests, one at a time, and the last result of each; a restart forgets none. */
export class SelfTests {
  readonly #o: SelfTestsOptions;
  readonly #listeners: Listeners;
  readonly #results: Map<SelfTest, TestResult>;
  #running: Running | null = null;
  #reads: { epc: string; antenna: number | null }[] = [];
  #heat: HeatMap | null = null;
  #isScanned = false;
  readonly #weights = new Map<number, WeightReading>();
  readonly #antennas = new Set<number>();

  constructor(options: SelfTestsOptions) {
    this.#o = options;
    this.#listeners = new Listeners(options.clock);
    this.#results = this.#stored();
  }

  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  view(): TestsView {
    const running = this.#running && {
      test: this.#running.test,
      step: this.#running.guide.step,
      door: this.#running.guide.door,
    };
    const results = selfTests.flatMap((test) => this.#results.get(test) ?? []);
    const lanes = [...this.#weights.keys()].sort((a, b) => a - b).slice(0, 32);
    return { running, results, lanes, heat: this.#heat };
  }

  /** Leads through it; broken off by `end`, it has found nothing. One at a time. `open`: releases the bolt of that door. */
  async run(order: TestOrder, open: OpenDoor): Promise<TestResult> {
    const { clock, nowMs, meta } = this.#o;
    this.end();
    const guide = new TestGuide(clock, () => {
      this.#listeners.emit();
    });
    const ended = new Promise<Judged>((resolve) => {
      const end = (): void => {
        guide.end();
        resolve(found('ended'));
      };
      this.#running = { test: order.test, guide, end };
    });
    const running = this.#running;
    const judged = await Promise.race([this.#make(order, guide, open), ended]);
    if (this.#running === running) this.#running = null;
    const { test } = order;
    const result: TestResult = { test, atMs: nowMs(), findings: [...judged.findings], facts: judged.facts };
    const kept = resultAfter(this.#results.get(test) ?? null, result);
    if (kept !== null) this.#results.set(test, kept);
    // Not kept: until the next start it is known all the same.
    meta.set('service_tests', JSON.stringify([...this.#results.values()]));
    this.#listeners.emit();
    return result;
  }

  answer(step: TestStep, yes: boolean): boolean {
    return this.#running?.guide.answer(step, yes) ?? false;
  }

  /** Nobody stands there any more. */
  end(): void {
    this.#running?.end();
    this.#running = null;
  }

  /** A code was held before the scanner; true: it was for the test, and nobody comes in by it. What it says is not looked at. */
  scanned(): boolean {
    if (this.#running?.guide.step !== 'scan') return false;
    this.#isScanned = true;
    this.#running.guide.look();
    return true;
  }

  deviceEvent(event: DeviceEvent): void {
    if (event.type === 'weight') this.#weights.set(event.lane, event);
    if (event.type === 'hostGone') this.#weights.clear();
    if (event.type === 'tags') {
      for (const { antenna } of event.reads) if (antenna !== undefined) this.#antennas.add(antenna);
      if (this.#running?.test === 'tags')
        this.#reads.push(...event.reads.map(({ epc, antenna = null }) => ({ epc, antenna })));
    }
    this.#running?.guide.look();
  }

  async #make(
    { test, lane, grams = knownWeightsG[1] }: TestOrder,
    guide: TestGuide,
    open: OpenDoor,
  ): Promise<Judged> {
    switch (test) {
      case 'door':
        return this.#doors(guide, open);
      case 'scanner':
        return this.#scanner(guide);
      case 'tags':
        return this.#tags(guide);
      case 'scale':
        return this.#scale(guide, lane ?? 1, grams);
      case 'sound':
        return (await guide.ask('heard')) ? found() : found('not_heard');
      case 'touch':
        return (await guide.ask('touch')) ? found() : found('not_touched');
      case 'network':
        return judgeNetwork(await this.#o.probeNetwork(), this.#o.clockOffMs());
      case 'machine':
        return judgeMachine(await this.#o.machine());
    }
  }

  /** Each door in turn, up to the first one with a fault. */
  async #doors(guide: TestGuide, open: OpenDoor): Promise<Judged> {
    if (!this.#has('lock')) return found('no_device');
    const count = this.#o.doors().length;
    for (let number = 1; number <= count; number++) {
      if (count > 1) guide.door = number;
      const judged = await this.#door(guide, number, open);
      if (judged.findings.length === 0) continue;
      return count === 1 ? judged : { ...judged, facts: [{ name: 'door', of: null, value: number }] };
    }
    return found();
  }

  /** Contact and bolt: shut, released, pulled, shut again, and it holds. */
  async #door(guide: TestGuide, number: number, open: OpenDoor): Promise<Judged> {
    const door = (): DoorState => this.#o.doors()[number - 1] ?? 'unknown';
    const { personMs, relockMs } = selfTestLimits;
    if (!(await guide.ask('is_shut'))) return found('ended');
    if (door() === 'open') return found('contact_reversed');
    if (door() === 'unknown') return found('device_silent');
    const { outcome } = await open(number);
    if (outcome !== 'done') return found(outcome === 'refused' ? 'ended' : 'not_opened');
    if (!(await guide.until('pull', () => door() === 'open', personMs))) return found('not_seen_open');
    if (!(await guide.until('shut', () => door() === 'closed', personMs))) return found('not_seen_shut');
    await guide.wait('locking', relockMs);
    const says = guide.ask('holds');
    // Nobody has to say what the contact shows. Without either the session ends before this does.
    const comesOpen = guide.until('holds', () => door() === 'open', sessionLimits.totalMaxMs);
    const holds = await Promise.race([says, comesOpen.then((isOpen) => !isOpen)]);
    guide.giveUp();
    return holds ? found() : found('does_not_hold');
  }

  async #scanner(guide: TestGuide): Promise<Judged> {
    if (!this.#has('code-scanner')) return found('no_device');
    this.#isScanned = false;
    const isScanned = await guide.until('scan', () => this.#isScanned, selfTestLimits.personMs);
    return isScanned ? found() : found('nothing_scanned');
  }

  async #tags(guide: TestGuide): Promise<Judged> {
    const { listenMs, firstReadMs, showMs } = selfTestLimits;
    if (!this.#has('tag-reader')) return found('no_device');
    const known = [...this.#antennas];
    const placing = this.#o.placing();
    this.#reads = [];
    this.#heat = heatMap([], known, placing);
    this.#o.readClosely(listenMs + firstReadMs);
    await guide.until('looking', () => this.#reads.length > 0, firstReadMs);
    this.#reads = [];
    for (let ms = 0; ms < listenMs; ms += showMs) {
      await guide.wait('looking', showMs);
      this.#heat = heatMap(this.#reads, known, placing);
    }
    const reads = this.#reads;
    this.#reads = [];
    return judgeTags({ reads, ms: listenMs, known });
  }

  async #scale(guide: TestGuide, lane: number, grams: number): Promise<Judged> {
    if (!this.#has('scale')) return found('no_device');
    if (!(await guide.ask('empty'))) return found('ended');
    const zeroed = await this.#o.devices.perform({ type: 'zeroScale', lane });
    if (!zeroed.ok && zeroed.error.code !== 'device.refused') return found('device_silent');
    const zeroMg = await this.#resting(guide, lane);
    if (zeroMg === null) return found('not_still');
    if (!(await guide.ask('weight'))) return found('ended');
    const loadedMg = await this.#resting(guide, lane);
    return loadedMg === null ? found('not_still') : judgeSpan(zeroMg, loadedMg, grams);
  }

  /** The weight once it rests; null: it does not. */
  async #resting(guide: TestGuide, lane: number): Promise<number | null> {
    const { settleMs, restMs } = selfTestLimits;
    await guide.wait('looking', settleMs);
    const restingMg = (): number | null => {
      const said = this.#weights.get(lane);
      return said?.stable === true ? said.milligrams : null;
    };
    await guide.until('looking', () => restingMg() !== null, restMs);
    return restingMg();
  }

  #has(kind: DeviceKind): boolean {
    return this.#o.health().some((one) => one.kind === kind);
  }

  #stored(): Map<SelfTest, TestResult> {
    const kept = this.#o.meta.get('service_tests');
    const parsed = testResultSchema.array().safeParse(kept.ok ? fromJson(kept.value) : null);
    return new Map((parsed.success ? parsed.data : []).map((one) => [one.test, one]));
  }
}
