import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { ok } from '../../shared/result.ts';
import { canonicalJson } from '../../shared/util/canonical-json.ts';
import { assertOk, sale } from '../../testkit/main/charges/cabinet.ts';
import { testChainKey, testLog } from '../../testkit/main/charges/charge-log.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';
import { chainHash, chainStart, sha256Hex } from '../storage/hash-chain.ts';
import { ChainAudit } from './chain-audit.ts';
import { ChargeChain } from './charge-chain.ts';
import { ChargeLog, identitySha256 } from './charge-log.ts';
import { readChargeRow } from './charge-record.ts';
import { ChargeStore } from './charge-store.ts';

/** Whoever has the database's key alone makes a record that looks as if it were from before there were seals. */
test.each(['rewritten', 'wiped'])('a record %s with the database key alone is found', (how) => {
  const scratch = makeScratchFolder();
  const clock = new FakeClock();
  const db = mustOpen(join(scratch.path, 'kaimen.db'), clock);
  const store = new ChargeStore(db, testLog(db), clock, clock);
  for (let n = 1; n <= 3; n++) {
    const { chargeId, body } = sale(n, 100, clock.nowMs());
    assertOk(store.open({ ...body, memberDisplay: '王*' }));
    assertOk(store.finalise(chargeId, body));
  }
  expect(assertOk(new ChainAudit(db, testChainKey).run())).toEqual([]);
  assertOk(
    db.transaction(() => {
      for (const { name } of db.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").all())
        db.prepare(`DROP TRIGGER "${String(name)}"`).run();
      db.prepare("DELETE FROM meta WHERE key LIKE 'charge_chain%'").run();
      if (how === 'wiped') {
        db.prepare('DELETE FROM charge_event').run();
        db.prepare('DELETE FROM charge').run();
        return ok();
      }
      const row = db.prepare('SELECT * FROM charge ORDER BY charge_id LIMIT 1').first()!;
      const chargeId = String(row['charge_id']);
      const body = JSON.parse(String(row['body_json'])) as Record<string, unknown>;
      const bodyJson = canonicalJson({ ...body, memberId: 'M6666' });
      const bodySha256 = sha256Hex(bodyJson);
      db.prepare('UPDATE charge SET member_id = ?, body_json = ?, body_sha256 = ? WHERE charge_id = ?').run(
        'M6666',
        bodyJson,
        bodySha256,
        chargeId,
      );
      const read = readChargeRow(db.prepare('SELECT * FROM charge WHERE charge_id = ?').first(chargeId)!);
      if (!read.ok) throw new Error('row');
      const ofSha256 = identitySha256(read.value);
      let prev = chainStart;
      for (const e of db.prepare('SELECT * FROM charge_event ORDER BY seq').all()) {
        const data = JSON.parse(String(e['data_json'])) as Record<string, unknown>;
        if (e['charge_id'] === chargeId && 'ofSha256' in data) data['ofSha256'] = ofSha256;
        if (e['charge_id'] === chargeId && 'bodySha256' in data) data['bodySha256'] = bodySha256;
        const dataJson = canonicalJson(data);
        const [seq, type] = [Number(e['seq']), String(e['type'])];
        const hash = chainHash(prev, {
          seq,
          chargeId: String(e['charge_id']),
          atMs: Number(e['at_ms']),
          type,
          dataJson,
        });
        db.prepare(
          'UPDATE charge_event SET data_json = ?, prev_hash = ?, hash = ?, seal = NULL WHERE seq = ?',
        ).run(dataJson, prev, hash, seq);
        prev = hash;
      }
      return ok();
    }),
  );
  const floor = { unsealedSeq: 0, seenSeq: 9 };
  const findings = assertOk(new ChainAudit(db, testChainKey, floor).run());
  // And what is added after it does not make it whole.
  const chain = new ChargeChain(db, testChainKey, floor);
  const { chargeId, body } = sale(4, 100, clock.nowMs());
  assertOk(new ChargeStore(db, new ChargeLog(chain), clock, clock).open({ ...body, memberDisplay: '王*' }));
  const later = assertOk(new ChainAudit(db, testChainKey, floor).run());
  expect(
    later.map(({ kind }) => kind),
    chargeId,
  ).toContain('end_missing');
  db.close();
  scratch.remove();
  expect(findings).not.toEqual([]);
});
