import type { VisitEffect, VisitEvent } from '../../../core/visit/visit-model.ts';
import { type Visit, VisitChart } from '../../../core/visit/visit.ts';
import type { FakeClock } from '../../../shared/clock.ts';
import { makeChargeId, makeVisitId } from '../../../shared/ids.ts';
import type { FaceReport } from '../../../shared/model/face.schema.ts';
import type { Logger } from '../../../shared/util/logger.ts';
import { BackgroundJobs } from '../../../main/background-jobs.ts';
import { QuiescenceMonitor } from '../../../main/quiescence.ts';
import { FaceController } from '../../../main/face/face-controller.ts';
import { faceExpiry } from '../../../main/face/face-expiry.ts';
import type { FaceVault } from '../../../main/face/face-vault.ts';
import { ok } from '../../../shared/result.ts';
import { countedRandom } from '../../counted-random.ts';
import { memoryMeta } from '../storage/memory-meta.ts';

const frameMs = 100;
const ids = new Uint8Array(10).fill(7);

/** A visit and a FaceController, connected as in the kiosk. The effects of the visit are recorded, not performed. */
export class FaceHarness {
  readonly faces: FaceController;
  readonly effects: VisitEffect[] = [];
  readonly #chart = new VisitChart();
  readonly #clock: FakeClock;
  #visit: Visit = this.#chart.start();
  readonly #quiescence: QuiescenceMonitor;
  readonly #jobs: BackgroundJobs;
  #cancelTimer: () => void = () => undefined;

  constructor(vault: FaceVault, clock: FakeClock, logger: Logger) {
    this.#clock = clock;
    this.#quiescence = new QuiescenceMonitor({
      clock,
      door: () => 'closed',
      isStaffAtWork: () => false,
      isSendingCharge: () => false,
    });
    const jobs = [faceExpiry(vault, () => clock.nowMs(), logger)];
    this.#jobs = new BackgroundJobs({ jobs, quiescence: this.#quiescence, clock, logger });
    this.faces = new FaceController({
      vault,
      meta: memoryMeta(),
      clock,
      logger,
      settings: { camera: null, challengeAlways: false },
      phoneDigitsOf: () => null,
      mayEnrolIn: () => true,
      enrolFace: () => Promise.resolve(ok(null)),
      random: countedRandom(),
      onRecognised: (memberId) => {
        const [visitId, chargeId] = [makeVisitId(1, ids), makeChargeId(1, ids)];
        this.dispatch({ type: 'faceAccepted', memberId, visitId, chargeId });
      },
      onGone: () => this.dispatch({ type: 'cancel' }),
      onActive: () => this.dispatch({ type: 'active' }),
      onChange: () => undefined,
      setLight: () => undefined,
    });
    this.dispatch({ type: 'availabilityChanged', available: true, isDoorForced: false });
    this.#jobs.start();
  }

  get visit(): Visit {
    return this.#visit;
  }
  /** What is on the screen in front: its phase, or the state of the visit. */
  get shown(): string {
    if (this.#visit.state === 'identifyingByFace') return this.faces.faceView().phase;
    return this.#visit.state === 'account' ? this.faces.accountView().phase : this.#visit.state;
  }
  /** Null: the camera is off. */
  get nonce(): string | null {
    return this.faces.cameraOrder?.nonce ?? null;
  }

  dispatch(event: VisitEvent): void {
    const before = this.#visit.context.timer?.seq;
    const { visit, effects } = this.#chart.step(this.#visit, event);
    this.#visit = visit;
    this.effects.push(...effects);
    const { timer } = visit.context;
    if (timer?.seq !== before) {
      this.#cancelTimer();
      if (timer !== null) {
        const { seq, durationMs } = timer;
        this.#cancelTimer = this.#clock.after(durationMs, () => this.dispatch({ type: 'timer', seq }));
      }
    }
    this.#quiescence.onVisitChanged(visit);
    this.faces.onVisitChanged(visit);
  }

  /** The account without a network. */
  chooseAccount(): void {
    this.dispatch({ type: 'chooseAccount', by: 'face' });
  }

  /** Frames one after the other, as long as the camera is wanted. */
  async see(report: FaceReport, count = 100): Promise<void> {
    for (let i = 0; i < count; i++) {
      const { nonce } = this;
      if (nonce === null) return;
      this.faces.frame(nonce, report);
      await this.#clock.advance(frameMs);
    }
  }

  stop(): void {
    this.#cancelTimer();
    this.#jobs.stop();
    this.faces.stop();
  }
}
