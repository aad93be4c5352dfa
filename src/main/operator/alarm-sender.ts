import { z } from 'zod';
import { isFinalNo } from '../../core/charge/delivery.ts';
import { alarmShareOf } from '../../shared/api/alarm-share.ts';
import { alarmSchema } from '../../shared/api/operator.ts';
import type { Alarm } from '../../shared/api/operator.ts';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { MetaStore } from '../storage/meta-store.ts';
import type { OperatorFailure } from './operator-client.ts';
import { QueuePause } from './queue-pause.ts';
import { Sender } from './sender.ts';
import type { NetworkLink } from './sender.ts';

/** Different alarms that wait; more are counted with another of their kind and share (`alarmShareOf`). */
export const waitingAlarmsMax = 100;
/** What the operator refuses is tried again after this, so often at most. */
export const refusedAlarmAgainMs = 3_600_000;
export const alarmRefusalsMax = 24;
/** What an alarm says that tells of one that was given up; of itself none is told. */
const givenUp = 'alarm_given_up:';
/** As long as the operator reads. */
const detailMaxLength = 300;

const waitingSchema = z.object({
  alarm: alarmSchema,
  /** How often the same was raised while it waited. */
  count: z.number().int().min(1),
  refusals: z.number().int().min(0),
});
type Waiting = z.output<typeof waitingSchema>;

export interface AlarmSenderOptions {
  readonly client: { alarm(alarm: Alarm): Promise<Result<null, OperatorFailure>> };
  readonly link: NetworkLink;
  readonly meta: Pick<MetaStore, 'get' | 'set' | 'ifUndone'>;
  readonly clock: Clock;
  /** A moment of the cabinet's own clock as the operator has it, as far as that is known; left out: as it is. */
  readonly operatorTimeOf?: (wallMs: number) => number;
  /** Uniform in [0, 1): jitter. */
  readonly random: () => number;
  readonly logger: Logger;
}

/**
 * Brings alarms to the operator in their order, at least once each: whoever breaks in may have cut the network first, and
 * the power next. What waits is on the disk; the same alarm raised again while it waits is one with a count. An alarm that
 * the operator refuses does not hold up the others, and is given up after a day: another one says that there was one.
 */
export class AlarmSender {
  readonly #o: AlarmSenderOptions;
  readonly #waiting: Waiting[];
  readonly #sender: Sender<Waiting, null>;
  #sending: Waiting | null = null;
  readonly #pause: QueuePause;
  /** Monotonic: what was refused is not sent before. */
  readonly #refusedUntilMs = new WeakMap<Waiting, number>();

  constructor(options: AlarmSenderOptions) {
    this.#o = options;
    const { client, clock, link, logger } = options;
    this.#waiting = this.#load();
    this.#pause = new QueuePause(clock, options.random);
    this.#sender = new Sender({
      name: 'alarms',
      outbox: {
        next: () => ok(this.#waiting.find((waiting) => this.#waitMs(waiting) <= 0) ?? null),
        nextDueMs: () => ok(this.#nextDueMs()),
        networkIsBack: () => this.#pause.linkIsBack(),
        record: (waiting, answer) => this.#record(waiting, answer),
      },
      send: (waiting) => {
        this.#sending = waiting;
        return client.alarm(told(waiting));
      },
      pauseMs: () => this.#pause.waitMs,
      clock,
      link,
      logger,
    });
    this.#sender.start();
    this.#sender.wake();
  }

  /**
   * Inside a transaction the alarm is stored in it, and is there when that holds and not when it is undone: so no power cut
   * loses the alarm of what is on record.
   */
  raise(alarm: Alarm): void {
    const before = this.#waiting.map((waiting) => ({ waiting, count: waiting.count }));
    this.#o.meta.ifUndone(() => {
      const restored = before.map(({ waiting, count }) => Object.assign(waiting, { count }));
      this.#waiting.splice(0, this.#waiting.length, ...restored);
    });
    const same = this.#waiting.find((waiting) => waiting !== this.#sending && isSame(waiting.alarm, alarm));
    if (same !== undefined) same.count++;
    else {
      if (this.#waiting.length >= waitingAlarmsMax) this.#makeRoom();
      this.#waiting.push({ alarm: this.#atTimeOfItsOwn(alarm), count: 1, refusals: 0 });
    }
    this.#store();
    this.#pause.lift();
    this.#sender.wake();
  }

  /** Something about the cabinet itself that staff has to look at. */
  deviceFault(detail: string): void {
    const nowMs = this.#o.clock.nowMs();
    const atMs = this.#o.operatorTimeOf?.(nowMs) ?? nowMs;
    this.raise({ kind: 'device_fault', visitId: null, atMs, detail: detail.slice(0, detailMaxLength) });
  }

  stop(): void {
    void this.#sender.stop();
  }

  #record(waiting: Waiting, answer: Result<null, OperatorFailure>): Result<void, never> {
    const { logger, clock } = this.#o;
    this.#sending = null;
    if (answer.ok) {
      this.#pause.answered();
      this.#remove(waiting);
      return ok();
    }
    logger.warn('alarm.not_sent', { kind: waiting.alarm.kind, error: answer.error.code });
    if (!isFinalNo(answer.error)) {
      this.#pause.unanswered();
      return ok();
    }
    waiting.refusals++;
    if (waiting.refusals >= alarmRefusalsMax) {
      const { alarm } = waiting;
      logger.error('alarm.given_up', { kind: alarm.kind, detail: alarm.detail });
      this.#remove(waiting);
      // Something in it the operator does not take, perhaps its kind: that there was one it hears in the plainest form.
      if (!alarm.detail.startsWith(givenUp)) this.deviceFault(wordOf(alarm));
      return ok();
    }
    this.#refusedUntilMs.set(waiting, clock.monotonicMs() + refusedAlarmAgainMs);
    this.#store();
    return ok();
  }

  #remove(waiting: Waiting): void {
    this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
    this.#store();
  }

  /** To the operator two of one kind in the same ms are one, whatever they say: the later one is told as a ms later. */
  #atTimeOfItsOwn(alarm: Alarm): Alarm {
    const isTaken = ({ alarm: other }: Waiting): boolean =>
      other.kind === alarm.kind && other.atMs === alarm.atMs;
    return this.#waiting.some(isTaken) ? this.#atTimeOfItsOwn({ ...alarm, atMs: alarm.atMs + 1 }) : alarm;
  }

  /**
   * Of the kind and share that has most of what waits, the newest is counted with the one before it: the first ones say what
   * began it, and a flood costs others nothing, whether it came before them or after.
   */
  #makeRoom(): void {
    const alike = new Map<string, Waiting[]>();
    for (const waiting of this.#waiting) {
      if (waiting === this.#sending) continue;
      const key = `${waiting.alarm.kind} ${alarmShareOf(waiting.alarm)}`;
      alike.set(key, [...(alike.get(key) ?? []), waiting]);
    }
    const most = [...alike.values()].reduce((a, b) => (b.length > a.length ? b : a));
    const [before, newest] = most.slice(-2);
    assert(before !== undefined && newest !== undefined, 'there are fewer kinds and shares than may wait');
    before.count += newest.count;
    this.#o.logger.error('alarm.counted_with_another', {
      kind: newest.alarm.kind,
      detail: newest.alarm.detail,
    });
    this.#waiting.splice(this.#waiting.indexOf(newest), 1);
  }

  #waitMs(waiting: Waiting): number {
    return (this.#refusedUntilMs.get(waiting) ?? 0) - this.#o.clock.monotonicMs();
  }

  #nextDueMs(): number | null {
    if (this.#waiting.length === 0) return null;
    return this.#o.clock.nowMs() + Math.min(...this.#waiting.map((waiting) => this.#waitMs(waiting)));
  }

  #load(): Waiting[] {
    const { meta, logger } = this.#o;
    const stored = meta.get('waiting_alarms');
    if (stored.ok && stored.value === null) return [];
    try {
      const entries = z.array(z.unknown()).parse(stored.ok ? JSON.parse(stored.value ?? '[]') : null);
      const read = entries.map((entry) => waitingSchema.safeParse(entry));
      // One that cannot be read (a newer version's) takes no other with it.
      const lost = read.filter(({ success }) => !success).length;
      if (lost > 0) logger.error('alarms.entries_not_loaded', { count: lost });
      return read.flatMap(({ data }) => (data === undefined ? [] : [data]));
    } catch (error) {
      logger.error('alarms.not_loaded', { error: String(error).slice(0, 300) });
      return [];
    }
  }

  /** On a full disk they wait in memory; the next change tries again. */
  #store(): void {
    const stored = this.#o.meta.set('waiting_alarms', JSON.stringify(this.#waiting));
    if (!stored.ok) this.#o.logger.error('alarms.not_stored', { error: stored.error });
  }
}

/** That an alarm was given up: of it only what no operator can stumble on. */
function wordOf({ kind, visitId, detail }: Alarm): string {
  const [about = 'of its own words'] = /^[a-z_]{1,60}/.exec(detail) ?? [];
  return `${givenUp} ${kind}, ${about}, visit ${visitId ?? '-'}`;
}

function isSame(a: Alarm, b: Alarm): boolean {
  return a.kind === b.kind && a.visitId === b.visitId && a.detail === b.detail;
}

/** As it is sent: with how often it was raised. */
function told({ alarm, count }: Waiting): Alarm {
  if (count === 1) return alarm;
  const suffix = ` (×${count})`;
  return { ...alarm, detail: `${alarm.detail.slice(0, detailMaxLength - suffix.length)}${suffix}` };
}
