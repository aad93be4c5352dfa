import { mayHaveBeenOpen } from '../../core/visit/visit-guards.ts';
import type { Credential, VisitEffect, VisitEvent } from '../../core/visit/visit-model.ts';
import type { Visit } from '../../core/visit/visit.ts';
import type { Alarm } from '../../shared/api/operator.ts';
import { unreachable } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ReasonCode } from '../../shared/model/charge.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { AlarmBound } from './alarm-bound.ts';
import type { LostReadings } from './lost-readings.ts';
import type { ShelfReader } from './shelf-reader.ts';
import type { VisitPorts, VisitRecords } from './visit-records.ts';

/** Performs what a step of the visit asks of the world, once the step is on record; answers come back as events. */
export class VisitEffects {
  readonly #ports: VisitPorts;
  readonly #shelf: ShelfReader;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #visit: () => Visit;
  readonly #dispatch: (event: VisitEvent) => void;
  readonly #lostReadings: Pick<LostReadings, 'note'>;
  readonly #alarms: AlarmBound;

  constructor(options: {
    ports: VisitPorts;
    ifUndone: VisitRecords['ifUndone'];
    shelf: ShelfReader;
    lostReadings: Pick<LostReadings, 'note'>;
    clock: Clock;
    logger: Logger;
    visit: () => Visit;
    dispatch: (event: VisitEvent) => void;
  }) {
    this.#ports = options.ports;
    this.#shelf = options.shelf;
    this.#lostReadings = options.lostReadings;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#visit = options.visit;
    this.#dispatch = options.dispatch;
    this.#alarms = new AlarmBound({
      clock: options.clock,
      ifUndone: options.ifUndone,
      raise: (alarm) => {
        options.ports.raiseAlarm(alarm);
      },
    });
  }

  /**
   * What a step that leads to this visit tells staff. Call it inside the transaction that puts the step on record, if one
   * does: the alarms are stored in it, and no power cut comes between.
   */
  tell(effects: readonly VisitEffect[], visit: Visit): void {
    const { visitId } = visit.context;
    for (const effect of effects) {
      if (effect.type === 'raiseAlarm')
        this.raiseAlarm(effect.alarm, { visitId, detail: effect.detail ?? visit.state });
      if (effect.type !== 'settleCharge') continue;
      this.#tellUnheard(visit);
      this.#tellLostReadings(visit);
      this.#tellUnnamed(visit);
    }
  }

  perform(effect: VisitEffect): void {
    switch (effect.type) {
      case 'openCharge':
      case 'raiseAlarm':
        // Done with the commit.
        break;
      case 'settleCharge':
        this.#ports.chargeSettled();
        break;
      case 'authorise':
        void this.#authorise(effect.credential);
        break;
      case 'takeBaseline':
        this.#shelf.startBaseline();
        break;
      case 'unlock':
        if (effect.door !== undefined) this.#shelf.released(effect.door);
        void this.#unlock(effect);
        break;
      case 'takeFinalReading':
        this.#shelf.startFinalReading();
        break;
      case 'useAnswer':
        this.#shelf.useAnswer();
        break;
      case 'continueReading':
        this.#shelf.continueFinalReading();
        break;
      default:
        unreachable(effect);
    }
  }

  /**
   * What was silent before this door was opened, and still is: on no charge, so that staff has to look where it is. And what
   * is gone since nobody watched, also when the door was shut again by the time it was read.
   */
  #tellUnheard(visit: Visit): void {
    const { visitId } = visit.context;
    const count = this.#shelf.unheard(mayHaveBeenOpen(visit.context));
    if (count === 0) return;
    this.#logger.warn('shelf.goods_vanished', { count });
    this.raiseAlarm('device_fault', { visitId, detail: 'goods_vanished' });
  }

  /** A door that was not opened says nothing of the reader. */
  #tellLostReadings({ context }: Visit): void {
    const { visitId, bill } = context;
    const detail = mayHaveBeenOpen(context) && bill !== null ? this.#lostReadings.note(bill) : null;
    if (detail !== null) this.raiseAlarm('device_fault', { visitId, detail });
  }

  /** Goods that are on no bill because the catalogue names no product for them: what is to be mended depends on why. */
  #tellUnnamed(visit: Visit): void {
    const { visitId } = visit.context;
    for (const detail of this.#shelf.unnamed) this.raiseAlarm('device_fault', { visitId, detail });
  }

  /** Tells staff. */
  raiseAlarm(kind: Alarm['kind'], { visitId, detail }: Pick<Alarm, 'visitId' | 'detail'>): void {
    this.#logger.warn('alarm', { kind });
    this.#alarms.raise({ kind, visitId, atMs: this.#clock.nowMs(), detail });
  }

  stop(): void {
    this.#alarms.stop();
  }

  async #authorise(credential: Credential): Promise<void> {
    const { visitId, chargeId, purpose } = this.#visit().context;
    if (visitId === null) return;
    const by = 'code' in credential ? credential : { faceOf: credential.recognisedMemberId };
    const answer = await this.#ports.authorise({
      visitId,
      ...by,
      ...(purpose === 'visit' && chargeId !== null ? { chargeId } : {}),
    });
    // The shopper may have gone on meanwhile: an answer counts only for the visit that asked.
    if (this.#visit().context.visitId !== visitId) return;
    if ('member' in answer) this.#dispatch({ type: 'authorised', ...answer });
    else this.#dispatch({ type: 'refused', reason: answer.reason satisfies ReasonCode });
  }

  async #unlock({ door }: Extract<VisitEffect, { type: 'unlock' }>): Promise<void> {
    const { visitId } = this.#visit().context;
    const result = await this.#ports.devices.unlock(door);
    const of = door === undefined ? {} : { door };
    if (this.#visit().context.visitId !== visitId) return;
    if (result.ok) {
      this.#dispatch({ type: 'unlocked', ...of });
      return;
    }
    this.#logger.error('unlock.failed', { code: result.error.code });
    this.#dispatch({ type: 'unlockFailed', ...of });
  }
}
