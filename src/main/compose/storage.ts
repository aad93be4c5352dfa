import type { OutOfServiceReason } from '../../shared/model/visit.ts';
import { type Failure, type Result, err, ok } from '../../shared/result.ts';
import { ChargeChain, lastUnsealedSeq } from '../charges/charge-chain.ts';
import { EvidenceStore, evidenceFileName } from '../evidence/evidence-store.ts';
import { FaceVault, vaultFileName } from '../face/face-vault.ts';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Secrets, databaseFileName, loadSecrets } from '../platform/secrets.ts';
import { OperatingClock } from '../operating-clock.ts';
import type { Database } from '../storage/database.ts';
import type { ComposeFailure, KioskPorts } from './kiosk.ts';

/** What staff is told once of faces that cannot be used since the start. */
export const vaultNotOpened =
  'faces_not_opened: nobody comes in by face, and no face that is withdrawn is deleted';

export interface Storage {
  readonly secrets: Secrets;
  readonly database: Database;
  readonly chain: ChargeChain;
  /** Open also while faces are switched off, as long as there is a file: what is in it must have its end. */
  readonly vault: FaceVault | null;
  /** Whether the vault is wanted and did not open: whether it opens now. Null: it is open, or none is wanted. */
  readonly vaultOpensNow: (() => boolean) | null;
  /** What the shelf was seen to do. Null: its file does not open; that keeps nobody from buying. */
  readonly evidence: EvidenceStore | null;
  /** Whether the file of evidence, which did not open, opens now. Null: it is open. */
  readonly evidenceOpensNow: (() => boolean) | null;
  /** By which waits that are stored are counted. */
  readonly operatingClock: OperatingClock;
}

/** Keys and files; a file that cannot be read is left as it is. */
export function openStorage(ports: KioskPorts): Result<Storage, ComposeFailure> {
  const { dataDir, settings, safeStorage, clock, logger } = ports;
  const { cabinetId, enrolToken } = settings.settings;
  const secrets = loadSecrets({ dir: dataDir, safeStorage, logger });
  if (!secrets.ok) return notComposed('storage_failed', secrets.error.message);
  const path = join(dataDir, databaseFileName);
  const isNew = !existsSync(path);
  // A cabinet that has been in service (its token is used up) and has no database has lost charges: a human must know.
  if (isNew && enrolToken === null) {
    logger.error('storage.missing');
    return notComposed(cabinetId === 'UNSET' ? 'not_enrolled' : 'storage_failed', 'no database');
  }
  // A new database, which takes a new enrolment token, begins a new record; before it is made, so that whatever happens
  // in between is no damage.
  if (isNew) rememberFloor(ports, secrets.value, ok(0));
  const keyHex = secrets.value.databaseKeyHex;
  const database = ports.openDatabase({ path, keyHex, clock, logger, onBroken: ports.reopen });
  if (!database.ok) {
    const { code, message } = database.error;
    return notComposed(code === 'storage.newer' ? 'storage_newer' : 'storage_failed', message);
  }
  const operatingClock = OperatingClock.open({ clock, database: database.value, logger });
  if (!operatingClock.ok) {
    database.value.close();
    return notComposed('storage_failed', operatingClock.error.message);
  }
  const { vault, opensNow: vaultOpensNow } = openVault(ports, secrets.value);
  const { evidence, opensNow: evidenceOpensNow } = openEvidence(ports, secrets.value);
  if (secrets.value.chainFloor === null) rememberFloor(ports, secrets.value, lastUnsealedSeq(database.value));
  const chain = new ChargeChain(database.value, secrets.value.chainKey, secrets.value.chainFloor);
  return ok({
    secrets: secrets.value,
    database: database.value,
    chain,
    vault,
    vaultOpensNow,
    evidence,
    evidenceOpensNow,
    operatingClock: operatingClock.value,
  });
}

function openEvidence(
  { dataDir, settings, clock, logger }: KioskPorts,
  { vaultKeyHex }: Secrets,
): { readonly evidence: EvidenceStore | null; readonly opensNow: (() => boolean) | null } {
  const path = join(dataDir, evidenceFileName);
  const { evidence: limits } = settings.settings;
  const open = (): ReturnType<typeof EvidenceStore.open> =>
    EvidenceStore.open({ path, vaultKeyHex, limits, clock, logger });
  const store = open();
  if (store.ok) return { evidence: store.value, opensNow: null };
  logger.error('evidence.failed', { error: store.error.message });
  return { evidence: null, opensNow: opensAgain(open) };
}

/** Whether it opens now, without keeping it open. */
function opensAgain(open: () => Result<{ close(): unknown }, Failure<string>>): () => boolean {
  return () => {
    const again = open();
    if (again.ok) again.value.close();
    return again.ok;
  };
}

/** What is known of the record outside of the database. Put down before the first event is added. */
function rememberFloor(
  { logger }: KioskPorts,
  secrets: Secrets,
  unsealedSeq: Result<number, Failure<string>>,
): void {
  if (!unsealedSeq.ok) return;
  const kept = secrets.rememberChain({ unsealedSeq: unsealedSeq.value, seenSeq: 0 });
  if (!kept.ok) logger.warn('charges.floor_not_kept', { error: kept.error });
}

function notComposed(reason: OutOfServiceReason, message: string): Result<never, ComposeFailure> {
  return err({ code: 'kiosk.not_composed', message, reason });
}

/**
 * Null: the settings want no faces and there is no file of them, or it does not open; then the code is the way in, the log
 * says why, and it is tried again (storage/reopening.ts). A file from before the faces were switched off is opened, so that
 * what is in it is deleted when its member says
 * so, or for its age; nobody is recognised by it.
 */
function openVault(
  ports: KioskPorts,
  { vaultKeyHex }: Secrets,
): { readonly vault: FaceVault | null; readonly opensNow: Storage['vaultOpensNow'] } {
  const { dataDir, settings, clock, logger } = ports;
  const path = join(dataDir, vaultFileName);
  if (!settings.settings.face.enabled && !existsSync(path)) return { vault: null, opensNow: null };
  const open = (): ReturnType<typeof FaceVault.open> => FaceVault.open({ path, vaultKeyHex, clock, logger });
  const vault = open();
  if (vault.ok) return { vault: vault.value, opensNow: null };
  logger.error('vault.failed', { error: vault.error.message });
  return { vault: null, opensNow: opensAgain(open) };
}
