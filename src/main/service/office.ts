import type { Undelivered } from '../../core/identity/offline-admission.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import type { OfflinePolicy } from '../../shared/model/offline-policy.schema.ts';
import { faceConsentVersion } from '../../shared/model/face-view.ts';
import { type OfficeView, shownChargesMax } from '../../shared/model/service-office.schema.ts';
import type { Result } from '../../shared/result.ts';
import type { ChargeStore } from '../charges/charge-store.ts';
import type { UnsettledGroup } from '../charges/unsettled-groups.ts';
import type { FaceVault } from '../face/face-vault.ts';
import type { StorageFailure } from '../storage/database.ts';

export interface OfficeSources {
  readonly charges: Pick<ChargeStore, 'listUnsettled'>;
  readonly groups: () => Result<UnsettledGroup[], StorageFailure>;
  readonly undelivered: () => Result<Undelivered, StorageFailure>;
  readonly policy: () => OfflinePolicy | null;
  /** Null: no faces are kept here. */
  readonly vault: Pick<FaceVault, 'count' | 'consents'> | null;
  readonly catalog: () => Catalog | null;
  readonly promotions: () => OfficeView['versions']['promotions'];
  readonly update: () => OfficeView['update'];
  readonly appVersion: string;
  readonly settingsVersion: number;
}

/** The cabinet as an administrator sees it: what waits, how much, and in which version; of nobody by name. Null: not readable. */
export function officeView(sources: OfficeSources): OfficeView | null {
  const { charges, groups, undelivered, vault, appVersion, settingsVersion } = sources;
  // One more: visits that have not ended are among them.
  const [listed, grouped, waiting] = [charges.listUnsettled(shownChargesMax + 1), groups(), undelivered()];
  if (!listed.ok || !grouped.ok || !waiting.ok) return null;
  const policy = sources.policy();
  const faces = vault?.count();
  const consents = vault?.consents(faceConsentVersion);
  return {
    groups: grouped.value,
    charges: listed.value
      .filter(({ state }) => state !== 'open')
      .slice(0, shownChargesMax)
      .map(({ chargeId, openedMs, state, reason, totalMinor, billedMinor, currency }) => ({
        chargeId,
        openedMs,
        state,
        reason,
        currency,
        amountMinor: billedMinor ?? totalMinor,
      })),
    offline: {
      sum: { used: waiting.value.sumMinor, most: policy?.caps.cabinetSumMinor ?? null },
      count: { used: waiting.value.count, most: policy?.caps.cabinetCount ?? null },
      currency: policy?.currency ?? null,
      policyEndsMs: policy?.expiresAtMs ?? null,
    },
    faces:
      faces?.ok === true && consents?.ok === true
        ? { enrolled: faces.value.enrolled, ever: faces.value.ever, consents: consents.value }
        : null,
    versions: {
      app: appVersion,
      catalog: sources.catalog()?.version ?? null,
      policy: policy?.version ?? null,
      promotions: sources.promotions(),
      settings: settingsVersion,
    },
    update: sources.update(),
  };
}
