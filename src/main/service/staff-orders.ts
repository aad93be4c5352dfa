import type { AskReason } from '../../shared/model/service-order.ts';
import { type SetupOrder, isSetupOrder } from '../../shared/model/device-setup.schema.ts';
import type { ServiceOrder } from '../../shared/model/service-order.schema.ts';
import type { ChargeId } from '../../shared/ids.ts';
import type { ExitReason } from '../../shared/launcher.ts';
import type { Result } from '../../shared/result.ts';
import type { ChargeStore } from '../charges/charge-store.ts';
import type { FaceVault } from '../face/face-vault.ts';
import type { SupportDesk } from '../support/support-desk.ts';
import type { MadeVersion, SettingsVersions } from '../settings/settings-versions.ts';
import type { VersionRefusal } from '../settings/version-refusal.ts';
import type { UpdateStaff } from '../updates/update-controller.ts';
import type { MaintenanceKeeper } from './maintenance-keeper.ts';
import type { Outcome } from './outcome.ts';
import type { SetupDesk } from './setup-desk.ts';

/** All but the set-up of devices, which has a desk of its own. */
type OwnOrder = Exclude<ServiceOrder, SetupOrder>;
type OrderOf<A extends OwnOrder['act']> = Extract<OwnOrder, { act: A }>;
type Orders = { readonly [A in OwnOrder['act']]: (order: OrderOf<A>, actor: string) => Promise<Outcome> };

export interface StaffOrdersOptions {
  readonly support: Pick<SupportDesk, 'deliver'>;
  readonly charges: Pick<ChargeStore, 'get'>;
  /** On the disk until the operator has it. */
  readonly askOffice: (question: { chargeId: ChargeId; visitId: string; why: AskReason; by: string }) => void;
  /** Null: no faces are kept here. */
  readonly vault: Pick<FaceVault, 'enrolledCount' | 'withdrawAll'> | null;
  readonly keeper: Pick<MaintenanceKeeper, 'look' | 'whyNotLeave'>;
  /** Ends the program once nobody is disturbed; null: whoever runs it does that. */
  readonly endApp: ((reason: Extract<ExitReason, 'restart' | 'clean'>) => void) | null;
  /** Null: nothing comes by itself here. */
  readonly updates: UpdateStaff | null;
  readonly settings: Pick<SettingsVersions, 'change' | 'undo'>;
  readonly setup: Pick<SetupDesk, 'perform'>;
  /** The best known wall time. */
  readonly nowMs: () => number;
}

const failed: Outcome = { outcome: 'failed', detail: 'storage' };
const refused = (detail: string): Outcome => ({ outcome: 'refused', detail });

/** What has become of the settings, with what was there before and is there now for the record. */
function outcomeOf(made: Result<MadeVersion, VersionRefusal>): Outcome {
  if (!made.ok) return made.error.code === 'storage' ? failed : refused(`settings_${made.error.code}`);
  const { version, before, after } = made.value;
  return { outcome: 'done', data: { version, before, after } };
}

/** What technicians and administrators order of the cabinet; judged and put on record by whoever calls. */
export class StaffOrders {
  readonly #o: StaffOrdersOptions;
  readonly #orders: Orders = {
    supportBundle: async ({ to }) => {
      const delivered = await this.#o.support.deliver(to);
      if (!delivered.ok) return { outcome: 'failed', detail: delivered.error.code };
      return { outcome: 'done', detail: delivered.value };
    },
    askOffice: (order, actor) => Promise.resolve(this.#ask(order, actor)),
    deleteFaces: (order) => Promise.resolve(this.#deleteFaces(order)),
    restartApp: () => Promise.resolve(this.#end('restart')),
    shutDown: () => Promise.resolve(this.#end('clean')),
    updateNow: () => Promise.resolve(this.#update((updates) => updates.now())),
    changeSettings: ({ changes, seenVersion }, actor) =>
      Promise.resolve(outcomeOf(this.#o.settings.change(changes, seenVersion, actor))),
    undoSettings: ({ to, seenVersion }, actor) =>
      Promise.resolve(outcomeOf(this.#o.settings.undo(to, seenVersion, actor))),
    postponeUpdate: ({ hours }) => Promise.resolve(this.#update((updates) => updates.postpone(hours))),
  };

  constructor(options: StaffOrdersOptions) {
    this.#o = options;
  }

  perform(order: ServiceOrder, actor: string): Promise<Outcome> {
    return isSetupOrder(order) ? this.#o.setup.perform(order, actor) : this.#perform(order, actor);
  }

  #perform<A extends OwnOrder['act']>(order: OrderOf<A>, actor: string): Promise<Outcome> {
    return this.#orders[order.act](order, actor);
  }

  /** Nothing becomes of the charge here, whatever is asked: people at the operator decide. */
  #ask({ chargeId, why }: OrderOf<'askOffice'>, by: string): Outcome {
    const charge = this.#o.charges.get(chargeId);
    if (!charge.ok) return refused('no_such_charge');
    const { state, visitId } = charge.value;
    if (state === 'open' || state === 'paid' || state === 'voided') return refused('settled');
    this.#o.askOffice({ chargeId, visitId, why, by });
    return { outcome: 'done', data: { state } };
  }

  /** All of them or none that was not seen; each is told to the operator as a member's own withdrawal is. */
  #deleteFaces({ count }: OrderOf<'deleteFaces'>): Outcome {
    const { vault, nowMs } = this.#o;
    const before = vault?.enrolledCount();
    if (vault === null || before?.ok !== true) return refused('no_faces');
    if (before.value !== count) return refused('changed');
    const gone = vault.withdrawAll(nowMs());
    const after = vault.enrolledCount();
    const data = { before: before.value, after: after.ok ? after.value : null };
    if (!gone.ok) return { outcome: 'failed', detail: 'storage', data };
    return { outcome: 'done', detail: String(gone.value), data };
  }

  #end(reason: 'restart' | 'clean'): Outcome {
    const { keeper, endApp } = this.#o;
    keeper.look();
    if (keeper.whyNotLeave !== null) return refused(keeper.whyNotLeave);
    if (endApp === null) return refused('not_here');
    return {
      outcome: 'done',
      onLeft: () => {
        endApp(reason);
      },
    };
  }

  #update(act: (updates: UpdateStaff) => string | null): Outcome {
    const { updates } = this.#o;
    if (updates === null) return refused('no_updates');
    const why = act(updates);
    return why === null ? { outcome: 'done' } : refused(why);
  }
}
