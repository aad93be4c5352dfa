import { type ServiceSession, endOf, endsAtMs, judgeAct, touched } from '../../core/service/session.ts';
import type { StaffMember } from '../../core/service/staff-list.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ServiceAct, ServiceRole } from '../../shared/model/service.ts';
import type { Random } from '../../shared/random.ts';
import type { Result } from '../../shared/result.ts';
import type { ActRefusal } from '../../core/service/session.ts';

const idByteCount = 16;

/** The one session of service mode, in main: who is signed in, until when, and what they may do. */
export class ServiceSessions {
  readonly #clock: Clock;
  readonly #random: Pick<Random, 'bytes'>;
  readonly #roleOf: (staffNo: string) => ServiceRole | null;
  readonly #onEnd: (session: ServiceSession, why: string) => void;
  #session: ServiceSession | null = null;
  #cancelEnd: () => void = () => undefined;

  constructor(options: {
    clock: Clock;
    random: Pick<Random, 'bytes'>;
    /** As the staff list says now; null: not in it. */
    roleOf: (staffNo: string) => ServiceRole | null;
    onEnd: (session: ServiceSession, why: string) => void;
  }) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#roleOf = options.roleOf;
    this.#onEnd = options.onEnd;
  }

  get current(): ServiceSession | null {
    return this.#session;
  }
  /** How long it goes on if nothing is touched, ms. */
  get endsInMs(): number {
    return this.#session === null ? 0 : Math.max(0, endsAtMs(this.#session) - this.#clock.monotonicMs());
  }

  begin({ staffNo, name, role }: StaffMember): ServiceSession {
    const nowMs = this.#clock.monotonicMs();
    const id = Buffer.from(this.#random.bytes(idByteCount)).toString('base64url');
    const times = { beganMs: nowMs, touchedMs: nowMs, actCount: 0 };
    this.#session = { id, staffNo, name, role, ...times };
    this.#watch();
    return this.#session;
  }

  /** Whether this may be done by whoever names the session `sessionId`; it counts as a touch. `hasPin`: typed for it just now. */
  judge(sessionId: string, act: ServiceAct, hasPin: boolean): Result<ServiceSession, ActRefusal> {
    this.look();
    const call = { sessionId, act, nowMs: this.#clock.monotonicMs(), roleNow: this.#roleNow, hasPin };
    const judged = judgeAct(this.#session, call);
    if (judged.ok) this.#keep(judged.value);
    return judged;
  }

  /** False: that session is not there (any more). */
  touch(sessionId: string): boolean {
    this.look();
    if (this.#session?.id !== sessionId) return false;
    this.#keep(touched(this.#session, this.#clock.monotonicMs()));
    return true;
  }

  /** Whether it is still to go on: its time, and what the staff list says. */
  look(): void {
    if (this.#session === null) return;
    const why = endOf(this.#session, this.#clock.monotonicMs(), this.#roleNow);
    if (why !== null) this.end(why);
  }

  end(why: string): void {
    const session = this.#session;
    this.#cancelEnd();
    this.#session = null;
    if (session !== null) this.#onEnd(session, why);
  }

  get #roleNow(): ServiceRole | null {
    return this.#session === null ? null : this.#roleOf(this.#session.staffNo);
  }

  #keep(session: ServiceSession): void {
    this.#session = session;
    this.#watch();
  }

  #watch(): void {
    this.#cancelEnd();
    this.#cancelEnd = this.#clock.after(this.endsInMs, () => {
      this.look();
    });
  }
}
