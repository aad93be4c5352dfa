import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemClock } from '../../shared/clock.ts';
import { isProgram } from '../../shared/node/is-program.ts';
import {
  type ChainFinding,
  type ChainFindingKind,
  ChainAudit,
  findingCountMax,
} from '../charges/chain-audit.ts';
import { type Secrets, readSecrets, secretsFileName } from '../platform/secrets.ts';
import { openForReading } from '../storage/database.ts';

/** 0: whole; 1: something is not as it was; 2: it could not be looked at. */
export interface AuditReport {
  readonly exitCode: 0 | 1 | 2;
  readonly lines: readonly string[];
}

const databaseName = 'kaimen.db';
const usage = 'usage: npm run audit -- <data folder or kaimen.db of a cabinet>';

const words: Readonly<Record<ChainFindingKind, string>> = {
  event_changed: 'this event is not what it was when it was written',
  event_missing: 'this event is missing',
  not_sealed: 'this event was not written by this cabinet: its seal is missing or wrong',
  end_missing:
    'the record had gone on to this event; what came after what is here is missing or was replaced',
  charge_differs: 'this charge is not what its events say',
  body_changed:
    'the bill of this charge is not the one that was fixed when the door shut, or is somebody else’s',
  dispute_differs: 'what the shopper reported about this charge is not what its events say',
  charge_missing: 'there are events of this charge, and the charge is gone',
};

/**
 * `npm run audit -- <database>`: looks through a cabinet's books and says in plain words whether anything was taken out of
 * them or changed. Reads only. The keys are in `secrets.json` beside the database; without them (the database of a test,
 * not encrypted) seals are not looked at, and that is said.
 */
export function audit(args: readonly string[]): AuditReport {
  const [given, ...more] = args;
  if (given === undefined || more.length > 0) return notLookedAt(usage);
  const stat = statSync(given, { throwIfNoEntry: false });
  const path = stat?.isDirectory() === true ? join(given, databaseName) : given;
  if (!existsSync(path)) return notLookedAt(`there is no database ${path}`);
  const keys = keysBeside(path);
  if (typeof keys === 'string') return notLookedAt(keys);
  const opened = openForReading({ path, keyHex: keys?.databaseKeyHex ?? null, clock: systemClock });
  if (!opened.ok) return notLookedAt(`the database cannot be read: ${opened.error.message}`);
  const db = opened.value;
  try {
    const chain = new ChainAudit(db, keys?.chainKey ?? null, keys?.chainFloor ?? null);
    const findings = chain.run();
    if (!findings.ok) return notLookedAt(`the database cannot be read to the end: ${findings.error.message}`);
    return reportOf(findings.value, chain.counts, keys !== null);
  } finally {
    db.close();
  }
}

/** Null: there are none; a text: why they cannot be used. */
function keysBeside(path: string): Secrets | string | null {
  const secrets = join(dirname(path), secretsFileName);
  if (!existsSync(secrets)) return null;
  const read = readSecrets(dirname(path));
  if (read.ok) return read.value;
  const instead =
    'The app itself looks through the record shortly after each start, and writes what it finds into its log ' +
    '(charges.checked, charges.record_damaged)';
  return `${read.error.message}. ${instead}`;
}

function reportOf(
  findings: readonly ChainFinding[],
  counts: ChainAudit['counts'],
  hasKey: boolean,
): AuditReport {
  const { lastSeq, removedCount, sealedCount, chargeCount } = counts;
  const sealed = hasKey
    ? `${sealedCount} of them are sealed with this cabinet’s key`
    : `seals (${sealedCount}) were NOT looked at: there is no ${secretsFileName} beside the database`;
  const removed =
    removedCount === 0
      ? ''
      : ` The ${removedCount} events before them were kept long enough and are removed.`;
  const head = `${lastSeq - removedCount} events of ${chargeCount} charges; ${sealed}.${removed}`;
  if (findings.length === 0) {
    return { exitCode: 0, lines: [head, 'Nothing is missing, and nothing was changed.'] };
  }
  const more = findings.length >= findingCountMax ? ['There may be more: the audit ended here.'] : [];
  return { exitCode: 1, lines: [head, 'NOT AS IT WAS:', ...findings.map(lineOf), ...more] };
}

function lineOf({ kind, chargeId, seq, atMs }: ChainFinding): string {
  const where = [
    ...(chargeId === null ? [] : [`charge ${chargeId}`]),
    ...(seq === null ? [] : [`event ${seq}`]),
    ...(atMs === null ? [] : [new Date(atMs).toISOString()]),
  ].join(', ');
  return `- ${where === '' ? '' : `${where}: `}${words[kind]} (${kind})`;
}

function notLookedAt(why: string): AuditReport {
  return { exitCode: 2, lines: [`Not looked at: ${why}`] };
}

if (isProgram(import.meta.url)) {
  const { exitCode, lines } = audit(process.argv.slice(2));
  for (const line of lines) console.log(line);
  process.exitCode = exitCode;
}
