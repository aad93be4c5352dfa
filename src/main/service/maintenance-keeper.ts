import {
  type Maintenance,
  boltLooseMaxMs,
  isMaintenanceOver,
  mayOpenForStaff,
  whyNotLeave,
} from '../../core/service/maintenance.ts';
import type { VisitStateName } from '../../core/visit/visit-model.ts';
import type { Clock } from '../../shared/clock.ts';
import type { DoorState } from '../../shared/model/device.ts';
import type { LeaveRefusal } from '../../shared/model/service.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { ServiceStore } from '../storage/service-store.ts';

export interface MaintenanceKeeperOptions {
  readonly store: Pick<ServiceStore, 'maintenance' | 'setMaintenance'>;
  /** Takes the cabinet out of service, and gives it back (visit/availability-monitor.ts). */
  readonly availability: { startMaintenance(by: string): boolean; endMaintenance(): void };
  readonly door: () => DoorState;
  readonly visitState: () => VisitStateName;
  readonly clock: Clock;
  /** The operator's time, for the record. */
  readonly nowMs: () => number;
  readonly logger: Logger;
  /** `interrupted`: it was found on record at the start. `over`: the cabinet sells again. */
  readonly onEvent: (event: 'interrupted' | 'over', by: string) => void;
}

/**
 * While somebody of the staff is at work nothing is sold, and the open door is theirs. That is on the disk before the door can be
 * opened: after a power cut the cabinet comes up out of service, and sells again only once nobody is signed in and its door was
 * seen shut behind a bolt that has caught.
 */
export class MaintenanceKeeper {
  readonly #o: MaintenanceKeeperOptions;
  #maintenance: Maintenance | null = null;
  #hasSession = false;
  /** Monotonic: until then the bolt may be loose behind a door that nobody has opened. */
  #looseUntilMs = Number.NEGATIVE_INFINITY;
  #wasOpen = false;
  #cancelLook: () => void = () => undefined;

  constructor(options: MaintenanceKeeperOptions) {
    this.#o = options;
  }

  get current(): Maintenance | null {
    return this.#maintenance;
  }
  get whyNotLeave(): LeaveRefusal | null {
    return whyNotLeave(this.#o.door(), this.#isBoltLoose);
  }
  /** What leaves the cabinet now is on nobody's bill. */
  get isUnbilled(): boolean {
    return this.#maintenance !== null && (this.#o.door() !== 'closed' || this.#isBoltLoose);
  }
  get #isBoltLoose(): boolean {
    return this.#o.clock.monotonicMs() < this.#looseUntilMs;
  }

  /** Before the visit looks at the world for the first time: what was interrupted goes on. */
  start(): void {
    const { store, logger, availability, onEvent } = this.#o;
    const kept = store.maintenance();
    if (!kept.ok) logger.error('service.maintenance_not_loaded', { error: kept.error });
    // A disk that does not say is no reason to sell.
    const found = kept.ok ? kept.value : { by: '?', sinceMs: 0 };
    if (found === null) return;
    this.#maintenance = found;
    this.boltReleased();
    availability.startMaintenance(found.by);
    onEvent('interrupted', found.by);
  }

  stop(): void {
    this.#cancelLook();
  }

  /** Somebody has signed in. False: it cannot be put on record, or an update is being put in place. */
  begin(by: string): boolean {
    const maintenance = this.#maintenance ?? { by, sinceMs: this.#o.nowMs() };
    if (!this.#o.store.setMaintenance(maintenance).ok) return false;
    this.#maintenance = maintenance;
    if (!this.#o.availability.startMaintenance(by)) {
      this.#maintenance = null;
      this.#o.store.setMaintenance(null);
      return false;
    }
    this.#hasSession = true;
    return true;
  }

  /** Nobody is signed in any more. */
  sessionEnded(): void {
    this.#hasSession = false;
    this.look();
  }

  get mayOpen(): boolean {
    return mayOpenForStaff(this.#maintenance, this.#o.visitState());
  }

  /** It is being opened: until the lock has caught again, or so long, the shut door says nothing. */
  boltReleased(): void {
    const { clock } = this.#o;
    this.#looseUntilMs = clock.monotonicMs() + boltLooseMaxMs;
    this.#wasOpen = this.#o.door() === 'open';
    this.#lookAfter(boltLooseMaxMs);
  }

  /** The door has moved, or time has gone by. */
  look(): void {
    const door = this.#o.door();
    // Locks catch when the door shuts.
    if (door === 'closed' && this.#wasOpen) this.#looseUntilMs = Number.NEGATIVE_INFINITY;
    this.#wasOpen = door === 'open' || (this.#wasOpen && door !== 'closed');
    this.#end();
  }

  #lookAfter(ms: number): void {
    this.#cancelLook();
    this.#cancelLook = this.#o.clock.after(ms, () => {
      this.look();
    });
  }

  #end(): void {
    const { store, availability, onEvent, logger } = this.#o;
    if (this.#maintenance === null) return;
    if (!isMaintenanceOver(this.#hasSession, this.#o.door(), this.#isBoltLoose)) return;
    const { by } = this.#maintenance;
    const kept = store.setMaintenance(null);
    if (!kept.ok) {
      // What stays on record would be found by the next start: sold is only when it is gone.
      logger.error('service.maintenance_not_ended', { error: kept.error });
      this.#lookAfter(1_000);
      return;
    }
    this.#maintenance = null;
    availability.endMaintenance();
    onEvent('over', by);
  }
}
