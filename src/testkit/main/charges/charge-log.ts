import { ChargeChain } from '../../../main/charges/charge-chain.ts';
import { ChargeLog } from '../../../main/charges/charge-log.ts';
import { type ChainFindingKind, ChainAudit } from '../../../main/charges/chain-audit.ts';
import type { Database } from '../../../main/storage/database.ts';
import { chainHash, chainStart } from '../../../main/storage/hash-chain.ts';
import { unwrap } from '../../unwrap.ts';

export const testChainKey = new Uint8Array(32).fill(0x5a);

export function testLog(db: Database): ChargeLog {
  return new ChargeLog(new ChargeChain(db, testChainKey));
}

/** The log as the program before version 6 of the database wrote it: hashes that anybody can compute, and no seals. */
export function unsealedLog(db: Database): ChargeLog {
  return new ChargeLog({
    append: ({ chargeId, atMs, type, dataJson }) => {
      const last = db.prepare('SELECT seq, hash FROM charge_event ORDER BY seq DESC LIMIT 1').first();
      const prevHash = typeof last?.['hash'] === 'string' ? last['hash'] : chainStart;
      const seq = Number(last?.['seq'] ?? 0) + 1;
      const hash = chainHash(prevHash, { seq, chargeId, atMs, type, dataJson });
      db.prepare(
        `INSERT INTO charge_event (seq, charge_id, at_ms, type, data_json, prev_hash, hash)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      ).run(seq, chargeId, atMs, type, dataJson, prevHash, hash);
    },
  });
}

/** What a whole audit finds, and what it has looked at. */
export function auditOf(db: Database, key: Uint8Array | null = testChainKey) {
  const audit = new ChainAudit(db, key);
  const kinds: ChainFindingKind[] = unwrap(audit.run()).map(({ kind }) => kind);
  return { kinds, findings: audit.findings, ...audit.counts };
}
