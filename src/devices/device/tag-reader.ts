import type { Clock } from '../../shared/clock.ts';
import { epcSchema } from '../../shared/model/catalog.schema.ts';
import type { DeviceFailure, DeviceSpec, PollMode } from '../../shared/model/device.ts';
import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { unreachable } from '../../shared/assert.ts';
import { Conversation } from './conversation.ts';
import type { DisconnectMessages, Driver, DriverHealth, DriverTransport } from './driver.ts';
import type { InventoriedTag, ReaderAdapter } from './reader-adapter.ts';
import { R200Adapter } from './reader-r200.ts';
import { Sw5357Adapter } from './reader-sw5357.ts';
import { UhfReader18Adapter } from './reader-uhfreader18.ts';
import { answersUnusable, losesAnswers, oftenCannotRead, ReadingPauses } from './reading-pauses.ts';
import { uselessMax, UselessRun, UselessShare } from './useless-run.ts';

export type TagReaderSpec = Extract<DeviceSpec, { kind: 'tag-reader' }>;

/** A setting is answered in some 10 ms. */
export const commandTimeoutMs = 300;
/** After sleep the first byte sent is lost, and a running inventory may hide a reply: so a command is tried again. */
export const commandAttemptMax = 3;
/** An endless inventory ends by itself after some minutes; it is begun anew long before. */
export const rearmMs = 60_000;
/** An inventory yields a frame per round (tags, or "none"): a second without any means that it has ended. */
export const quietRestartMs = 1000;
export const silentMs = 3000;
/** One of which no round has ended in time is waited for longer: a slow reader is none that loses answers. */
export const slowRoundMaxMs = 8000;
/** The same of one that was quick and has lost many answers: less than what makes it silent. */
const slowRoundAgainMs = 2500;
/** So many rounds in a row that kept it waiting, and it is too slow for use. */
export const slowRoundMax = 3;
/** Silence after which the connection is made anew. */
export const readerSilentReconnectMs = 10_000;
export const idleInventoryMs = 300;
export const idlePeriodMs = 2000;
/** Pause after an inventory in which nothing at all was received, or after the reader said that it cannot read. */
const idleRetryMs = 200;
/** Rounds are asked for no faster than this: a reader that answers "none" at once must not keep the line busy. */
export const roundMinMs = 20;
export const batchMaxMs = 50;
export const batchReadMax = 2000;

/** What staff is told of a reader whose rounds are longer than a look at the shelf may be. */
function tooSlow(roundMs: number): string {
  const seconds = (roundMs / 1000).toFixed(1);
  return `each round of the tag reader takes ${seconds} s: too long (set its scan time to 0.3 s, or take another)`;
}

/** What staff is told of a reader that reads, but not everything. */
const blankTags =
  'a tenth or more of what it reads cannot be used: goods with blank or damaged tags are not seen';

export interface TagRead {
  readonly epc: string;
  /** Null where the reader gives none in dBm. */
  readonly rssiDbm: number | null;
  readonly atMs: number;
  /** The reader's own number of the antenna that has heard it; left out: it does not say. */
  readonly antenna?: number;
}

export interface TagReaderEvents {
  /**
   * At most `batchMaxMs` old. No reads: the reader is alive and a round saw nothing. `sinceMs`: when the round was asked
   * for in which the first of them was read; undefined of a reader that does not say where a round begins.
   */
  tags(reads: TagRead[], atMs: number, sinceMs: number | undefined): void;
  healthChanged(): void;
}

/** A tag reader as the supervisor sees it, whatever it speaks. */
export interface TagReaderDriver extends Driver {
  setPollMode(pollMode: PollMode): void;
}

/** The driver of the reader that the configuration names. */
export function makeTagReader(spec: TagReaderSpec, clock: Clock, events: TagReaderEvents): TagReaderDriver {
  switch (spec.protocol) {
    case 'rfid-r200':
      return new TagReader(new R200Adapter(spec), clock, events);
    case 'rfid-uhfreader18':
      return new TagReader(new UhfReader18Adapter(spec), clock, events);
    case 'rfid-sw5357':
      return new TagReader(new Sw5357Adapter(spec), clock, events);
    default:
      return unreachable(spec);
  }
}

/** A tag reader: set up, then inventory without end, or a short one now and then. */
class TagReader<M> implements TagReaderDriver {
  readonly kind = 'tag-reader';
  readonly #adapter: ReaderAdapter<M>;
  readonly #clock: Clock;
  readonly #events: TagReaderEvents;
  readonly #conversation: Conversation<M>;
  #pollMode: PollMode = 'idle';
  #cancelBatch: (() => void) | null = null;
  #batch: TagRead[] = [];
  /** When the round was asked for (rounds); and that in which the batch began. */
  #roundStartMs = 0;
  #batchSinceMs: number | undefined;
  #isInventory = false;
  /** The round that was requested is over (rounds), well or not. */
  #roundEnd: 'none' | 'well' | 'trouble' = 'none';
  #trouble = '';
  /** Messages in a row that gave nothing but data of no use. */
  readonly #useless = new UselessRun();
  readonly #uselessShare = new UselessShare();
  /** Rounds in a row that heard nothing. */
  #emptyInRow = 0;
  /** When it was last set up on this connection; null: not yet. */
  #setUpMs: number | null = null;
  /** It may have started anew since. */
  #isSetUpDue = false;
  /** Last frame on this connection that said something of the shelf, or answered the first set-up; or its start. */
  #lastFrameMs = 0;
  #resetCount = 0;
  readonly #pauses = new ReadingPauses();
  /** The connection was given up here, because nothing useful came: no plug was pulled, as far as anybody knows. */
  #isGivenUp = false;
  /** Rounds in a row whose answers kept it waiting for `quietRestartMs` or more; the longest such wait in this round. */
  #slowRounds = 0;
  #roundWaitMs = 0;
  /** How long an answer of the round is waited for, until it counts as lost. */
  #roundMaxMs = slowRoundMaxMs;
  /** The round before had ended, so that what comes is the answer to this one. */
  #isFirstAsk = true;

  constructor(adapter: ReaderAdapter<M>, clock: Clock, events: TagReaderEvents) {
    this.#adapter = adapter;
    this.#clock = clock;
    this.#events = events;
    this.#conversation = new Conversation({
      name: 'the tag reader',
      clock,
      decoder: adapter.decoder,
      // Tags of a running inventory come between a command and its reply.
      isHalfDuplex: false,
      mayEcho: adapter.style === 'rounds',
      classify: () => 'push',
      received: (message, kind) => {
        const nowMs = this.#clock.monotonicMs();
        // An answer to a setting shows that it lives, and not that it reads.
        if (kind === 'reply' && this.#setUpMs === null) this.#lastFrameMs = nowMs;
        this.#roundWaitMs = Math.max(this.#roundWaitMs, this.#roundQuietMs(nowMs));
        const isUseful = kind !== 'reply' && this.#interpret(message, nowMs);
        if (isUseful && this.#isInventory && this.#trouble === '') this.#noteUseful(nowMs);
      },
      healthChanged: () => {
        events.healthChanged();
      },
    });
  }

  start(transport: DriverTransport): void {
    this.#lastFrameMs = this.#clock.monotonicMs();
    this.#trouble = '';
    if (this.#isGivenUp) this.#pauses.forgetRest();
    else this.#pauses.forget();
    this.#isGivenUp = false;
    // One that was quick is asked again as soon as it was before: one lost answer is no silence of seconds.
    if (this.#roundMaxMs !== quietRestartMs) this.#roundMaxMs = slowRoundMaxMs;
    [this.#slowRounds, this.#roundEnd] = [0, 'well'];
    this.#isInventory = false;
    this.#setUpMs = null;
    this.#conversation.start(transport);
    void this.#run(this.#conversation.connection);
  }

  stop(): void {
    this.#cancelBatch?.();
    this.#cancelBatch = null;
    this.#batch = [];
    this.#conversation.stop();
  }

  /** The stop command: the antenna is not left radiating. */
  onDisconnect(): DisconnectMessages {
    return { frame: this.#adapter.stopFrame() };
  }

  setPollMode(pollMode: PollMode): void {
    if (pollMode === this.#pollMode) return;
    // What was lost by then belongs to the time without a pause.
    if (this.#mode === 'active' && this.#isInventory) this.#endDue(this.#clock.monotonicMs());
    this.#pollMode = pollMode;
    this.#noteMayHaveForgotten();
    this.#conversation.wake();
  }

  /** One that lost much of a time without a pause is read without one at rest too, until it has shown that it can. */
  get #mode(): PollMode {
    return this.#pauses.hasToShow ? 'active' : this.#pollMode;
  }

  health(): DriverHealth {
    const health = this.#conversation.health();
    const hint = health.state === 'ready' && this.#uselessShare.isNotable ? blankTags : health.detail;
    return { ...health, detail: hint, resetCount: this.#resetCount };
  }

  receive(bytes: Uint8Array): void {
    this.#conversation.receive(bytes);
  }

  async #run(connection: number): Promise<void> {
    while (this.#conversation.isUp(connection) && !(await this.#setUp(connection))) {
      if (!this.#conversation.isUp(connection)) return;
      this.#judgeSilence();
      await this.#conversation.sleep(idleRetryMs);
    }
    this.#pauses.begin(this.#clock.monotonicMs());
    while (this.#conversation.isUp(connection)) {
      if (this.#isMode('idle')) await this.#inventoryIdle(connection);
      else if (this.#adapter.style === 'rounds') await this.#rounds(connection, Number.POSITIVE_INFINITY);
      else await this.#inventoryActive(connection);
    }
  }

  /** Region, power and the rest. False: not yet, or the connection has ended. */
  async #setUp(connection: number): Promise<boolean> {
    const ready = await this.#adapter.setUp(
      (frame, accepts) => this.#request(connection, frame, accepts),
      this.#setUpMs !== null,
    );
    if (!this.#conversation.isUp(connection)) return false;
    if (ready.ok) {
      this.#setUpMs = this.#clock.monotonicMs();
      this.#isSetUpDue = false;
    } else if (ready.error.code === 'device.refused') {
      // Reading with the wrong region or power would be unlawful or useless: better not at all, and said so.
      this.#conversation.abort(ready.error.message);
    }
    return ready.ok;
  }

  /**
   * A reader of an endless inventory (R200) may hold its settings in its working memory alone: one whose supply dips goes on
   * within the same connection with what it has saved. It is set up again as soon as it speaks. Those of rounds save what they
   * are told, in a memory that wears out: they are told once.
   */
  #noteMayHaveForgotten(): void {
    this.#isSetUpDue = this.#adapter.style === 'endless';
  }

  /** Returns when the poll mode changes or the connection ends. */
  async #inventoryActive(connection: number): Promise<void> {
    this.#poll();
    let armedMs = this.#clock.monotonicMs();
    while (this.#conversation.isUp(connection) && this.#isMode('active')) {
      const nowMs = this.#clock.monotonicMs();
      const restartMs = Math.max(this.#lastFrameMs, armedMs) + quietRestartMs;
      if (nowMs >= armedMs + rearmMs || (this.#isSetUpDue && this.#lastFrameMs > armedMs)) {
        // This begins with a stop.
        await this.#setUp(connection);
        if (!this.#conversation.isUp(connection)) return;
        this.#poll();
        armedMs = this.#clock.monotonicMs();
      } else if (nowMs >= restartMs) {
        this.#noteLost();
        this.#judgeSilence();
        this.#poll();
        armedMs = nowMs;
      } else {
        await this.#conversation.sleep(Math.min(restartMs, armedMs + rearmMs) - nowMs);
      }
    }
    await this.#endInventory(connection);
  }

  /** Rounds one after the other until the time is over, the poll mode changes or the connection ends. */
  async #rounds(connection: number, endMs: number): Promise<void> {
    const mode = this.#mode;
    while (this.#conversation.isUp(connection) && this.#isMode(mode)) {
      const startMs = this.#clock.monotonicMs();
      if (startMs >= endMs) return;
      this.#poll();
      // A round goes on as long as it yields anything, and is heard to its end whatever the poll mode is by then.
      while (this.#conversation.isUp(connection) && this.#roundEnd === 'none') {
        const quietMs = this.#roundQuietMs(this.#clock.monotonicMs());
        const maxMs = this.#roundMaxMs;
        if (quietMs >= maxMs) break;
        // One that was slow before is still waited for, one that was not is silent.
        const isDue = quietMs >= silentMs;
        if (isDue && this.#slowRounds === 0) this.#judgeSilence();
        await this.#conversation.sleep((isDue ? maxMs : Math.min(maxMs, silentMs)) - quietMs);
      }
      if (this.#roundEnd !== 'well') {
        if (this.#roundEnd === 'none') this.#noteLost();
        this.#judgeSilence();
        await this.#conversation.sleep(this.#roundEnd === 'none' ? 0 : idleRetryMs);
      } else {
        await this.#conversation.sleep(Math.max(startMs + roundMinMs - this.#clock.monotonicMs(), 0));
      }
    }
  }

  async #inventoryIdle(connection: number): Promise<void> {
    const startMs = this.#clock.monotonicMs();
    if (this.#adapter.style === 'rounds') {
      await this.#rounds(connection, startMs + idleInventoryMs);
    } else {
      this.#poll();
      await this.#conversation.sleep(idleInventoryMs);
      await this.#endInventory(connection);
      const hasSpoken = this.#lastFrameMs >= startMs;
      if (hasSpoken && startMs >= (this.#setUpMs ?? startMs) + rearmMs) this.#noteMayHaveForgotten();
      if (hasSpoken && this.#isSetUpDue) await this.#setUp(connection);
    }
    // The poll mode may have changed meanwhile: then do not sleep over it.
    if (this.#isMode('active') || !this.#conversation.isUp(connection)) return;
    if (this.#pauses.dueMs > startMs) {
      // The end of the look may have been lost as well; an endless inventory was ended by ourselves.
      if (this.#adapter.style === 'rounds') this.#pauses.note(this.#clock.monotonicMs(), this.#mode);
      await this.#conversation.sleep(Math.max(startMs + idlePeriodMs - this.#clock.monotonicMs(), 0));
      this.#pauses.begin(this.#clock.monotonicMs());
      return;
    }
    if (this.#adapter.style === 'endless' && this.#lastFrameMs < startMs) this.#noteLost();
    this.#judgeSilence();
    await this.#conversation.sleep(idleRetryMs);
  }

  #poll(): void {
    this.#isInventory = true;
    this.#isFirstAsk = this.#roundEnd !== 'none';
    this.#roundEnd = 'none';
    this.#roundWaitMs = 0;
    this.#roundStartMs = this.#clock.monotonicMs();
    this.#conversation.send(this.#adapter.inventoryFrame());
  }

  async #endInventory(connection: number): Promise<void> {
    if (!this.#conversation.isUp(connection)) return;
    const stop = this.#adapter.stopFrame();
    await this.#request(connection, stop, (m) => this.#adapter.isStopReply(m), 1);
    this.#isInventory = false;
  }

  /** Sends a command until its reply comes. Tags and empty rounds may come between and are handled as ever. */
  async #request(
    connection: number,
    frame: Uint8Array,
    accepts: (message: M) => boolean,
    attemptMax = commandAttemptMax,
  ): Promise<Result<M, DeviceFailure>> {
    for (let attempt = 1; ; attempt++) {
      const reply = await this.#conversation.exchange<M>(
        {
          frame,
          timeoutMs: commandTimeoutMs,
          replyMayEqualFrame: this.#adapter.replyMayEqual?.(frame) ?? false,
          matchReply: (message) => (accepts(message) ? ok(message) : null),
        },
        connection,
      );
      if (reply.ok || attempt >= attemptMax || reply.error.code === 'device.disconnected') return reply;
    }
  }

  /** False: of no use, so that it does not make the reader ready. */
  #interpret(message: M, nowMs: number): boolean {
    const meaning = this.#adapter.interpret(message);
    if (meaning.kind === 'trouble') {
      this.#cannotRead(meaning.text);
      return false;
    }
    if (meaning.kind === 'damaged') {
      this.#noteShare(0, 1);
      return this.#unusable(1, meaning.endsRound === true, nowMs);
    }
    // Says nothing of the shelf: neither does it keep a round alive that yields nothing else.
    if (meaning.kind === 'other') return false;
    const tags = meaning.kind === 'tags' ? meaning.tags : [];
    const usable = tags.filter(({ epc }) => epcSchema.safeParse(epc).success);
    const unusableCount =
      (meaning.kind === 'tags' ? (meaning.unusableCount ?? 0) : 0) + tags.length - usable.length;
    this.#noteShare(usable.length, unusableCount);
    // Only blank or broken numbers: this is no empty shelf.
    if (unusableCount > 0 && usable.length === 0) {
      return this.#unusable(unusableCount, meaning.endsRound, nowMs);
    }
    for (let i = 0; i < unusableCount; i++) this.#conversation.countFailure();
    if (usable.length === 0 && this.#isStillUnusable()) {
      if (meaning.endsRound) this.#endRound('well');
      return false;
    }
    if (usable.length > 0) this.#useless.note(true);
    this.#lastFrameMs = nowMs;
    this.#trouble = '';
    if (usable.length === 0) this.#noteRound();
    for (const tag of usable) this.#addRead(tag, nowMs);
    if (meaning.endsRound) this.#endRound('well');
    return true;
  }

  #noteShare(usableCount: number, unusableCount: number): void {
    const wasNotable = this.#uselessShare.isNotable;
    for (let i = 0; i < usableCount; i++) this.#uselessShare.note(true);
    for (let i = 0; i < unusableCount; i++) this.#uselessShare.note(false);
    if (this.#uselessShare.isNotable !== wasNotable) this.#events.healthChanged();
  }

  /** The reader says that it cannot read. This says nothing of the shelf: nothing is emitted, and it becomes an error. */
  #cannotRead(why: string): void {
    this.#conversation.countFailure();
    this.#trouble = why;
    this.#pauses.blame(oftenCannotRead(why));
    this.#endRound('trouble');
  }

  /** Data that mean nothing, once or for ever: a reader that gives nothing else is as good as none. */
  #unusable(count: number, endsRound: boolean, nowMs: number): false {
    this.#emptyInRow = 0;
    this.#useless.note(false);
    this.#pauses.blame(answersUnusable);
    if (this.#useless.isError) {
      this.#cannotRead('only data that cannot be used (blank tags, or another firmware than configured)');
      this.#conversation.setState(
        'error',
        `the tag reader cannot read: ${this.#trouble}`,
        'fault.unreadable',
      );
      return false;
    }
    for (let i = 0; i < count; i++) this.#conversation.countFailure();
    this.#lastFrameMs = nowMs;
    if (endsRound) this.#endRound('well');
    return false;
  }

  /**
   * A round has heard nothing. Between unusable tags that is no news (a reader may report each of them, and then the end of
   * its round): only as many in a row mean that what could not be used is gone. Else it is in error as before.
   */
  #isStillUnusable(): boolean {
    this.#emptyInRow++;
    if (this.#emptyInRow >= uselessMax) this.#useless.note(true);
    return this.#useless.isError;
  }

  #roundQuietMs(nowMs: number): number {
    return nowMs - Math.max(this.#lastFrameMs, this.#roundStartMs);
  }

  #endRound(how: 'well' | 'trouble'): void {
    if (this.#adapter.style !== 'rounds' || this.#roundEnd !== 'none') return;
    this.#roundEnd = how;
    if (how === 'well') this.#noteRoundTime();
    this.#conversation.wake();
  }

  #addRead(tag: InventoriedTag, nowMs: number): void {
    this.#batch.push({ ...tag, atMs: nowMs });
    this.#noteRound();
    if (this.#batch.length >= batchReadMax) this.#sendBatch();
  }

  #noteRound(): void {
    if (this.#cancelBatch !== null) return;
    this.#batchSinceMs = this.#adapter.style === 'rounds' ? this.#roundStartMs : undefined;
    this.#cancelBatch = this.#clock.after(batchMaxMs, () => {
      this.#sendBatch();
    });
  }

  #sendBatch(): void {
    this.#cancelBatch?.();
    this.#cancelBatch = null;
    const reads = this.#batch;
    this.#batch = [];
    this.#events.tags(reads, this.#clock.monotonicMs(), this.#batchSinceMs);
  }

  /** How long the reader takes for a round is known only of one that was not asked again meanwhile. */
  #noteRoundTime(): void {
    if (!this.#isFirstAsk) return;
    if (this.#roundWaitMs < quietRestartMs) {
      [this.#roundMaxMs, this.#slowRounds] = [quietRestartMs, 0];
      return;
    }
    this.#slowRounds++;
    if (!this.#isSlow) return;
    // Not the line: whatever was waited for has come.
    this.#pauses.forget();
    this.#conversation.setState('error', tooSlow(this.#roundWaitMs), 'fault.slow');
  }

  get #isSlow(): boolean {
    return this.#slowRounds >= slowRoundMax;
  }

  /** An answer that was due has not come. */
  #noteLost(): void {
    this.#resetCount++;
    this.#noteMayHaveForgotten();
    if (this.#pauses.errorAt(this.#clock.monotonicMs())?.fault !== losesAnswers.fault) return;
    // Lost, or only slow? One that is waited for longer and still does not come is lost.
    if (this.#roundMaxMs === quietRestartMs) this.#roundMaxMs = slowRoundAgainMs;
    else if (this.#isFirstAsk) this.#roundMaxMs = quietRestartMs;
  }

  /** Something useful has come. It is an error all the same while much of the time before was wasted. */
  #noteUseful(nowMs: number): void {
    if (this.#isSetUpDue && this.#isMode('active')) this.#conversation.wake();
    this.#endDue(nowMs);
    const cause = this.#pauses.errorAt(nowMs);
    if (cause !== null && !this.#isSlow) this.#conversation.setState('error', cause.detail, cause.fault);
    else if (this.#slowRounds === 0) this.#conversation.setState('ready', '');
  }

  #endDue(nowMs: number): void {
    // A reader that makes rounds has listened since this one began, whatever became of those before it.
    const listensSinceMs = this.#adapter.style === 'rounds' ? this.#roundStartMs : nowMs;
    this.#pauses.end({ nowMs, listensSinceMs, mode: this.#mode });
  }

  #judgeSilence(): void {
    const nowMs = this.#clock.monotonicMs();
    const quietMs = nowMs - this.#lastFrameMs;
    if (quietMs >= silentMs) {
      if (this.#trouble === '') this.#conversation.setState('silent', 'the tag reader does not answer');
      else
        this.#conversation.setState(
          'error',
          `the tag reader cannot read: ${this.#trouble}`,
          'fault.unreadable',
        );
    }
    if (quietMs < readerSilentReconnectMs) return;
    // On the next connection it begins to be due anew. It was asked again a second ago: by itself that is no error yet, and
    // the same once more is.
    if (this.#isInventory)
      this.#pauses.end({ nowMs, listensSinceMs: nowMs - quietRestartMs, mode: this.#mode });
    this.#isGivenUp = true;
    this.#conversation.abort('no answer');
  }

  #isMode(mode: PollMode): boolean {
    return this.#mode === mode;
  }
}
