import { type Availability, isDoorForced, outOfServiceOf } from '../../core/availability/availability.ts';
import type { Visit } from '../../core/visit/visit.ts';
import type { Clock } from '../../shared/clock.ts';
import { TroubleReporter } from '../operator/trouble-reporter.ts';
import type { VisitEffects } from './visit-effects.ts';

/** What staff is told of a cabinet that is out of service for longer, and when it sells again. */
const doesNotSell = 'out of service';

/** Tells staff why the cabinet does not sell. */
export class AvailabilityAlarms {
  readonly #raise: VisitEffects['raiseAlarm'];
  readonly #troubles: TroubleReporter;

  constructor({ clock, raise }: { clock: Clock; raise: VisitEffects['raiseAlarm'] }) {
    this.#raise = raise;
    this.#troubles = new TroubleReporter({
      clock,
      report: (detail) => {
        raise('device_fault', { visitId: null, detail });
      },
    });
  }

  /** After each look at the availability. `visit`: the one in hand; `isOnTrial`: a device is used to see whether it is well. */
  note(
    availability: Availability,
    { hasChanged, isOnTrial, visit }: { hasChanged: boolean; isOnTrial: boolean; visit: Visit },
  ): void {
    // While somebody of the staff is at work, or an update, nothing is news; nor is a sale on trial.
    if (availability.state === 'outOfService') this.#troubles.note(doesNotSell, availability.reason);
    else if (availability.state === 'available' && !isOnTrial) this.#troubles.note(doesNotSell, '');
    if (!hasChanged) return;
    if (isDoorForced(availability)) {
      const { visitId } = visit.context;
      this.#raise('door_open_without_visit', { visitId, detail: visit.state });
    }
    if (outOfServiceOf(availability).reason === 'too_many_tags') {
      this.#raise('device_fault', { visitId: null, detail: 'too_many_tags' });
    }
  }

  stop(): void {
    this.#troubles.stop();
  }
}
