import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { supportBundleMaxBytes } from '../../shared/model/support-bundle.ts';
import { makeCabinet } from '../../testkit/operator/cabinet.ts';
import { ConsolePeople } from '../../testkit/operator/console-browser.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { keptMs } from '../limits.ts';
import { staffAct, supportBundle } from '../storage/schema.ts';
import { supportBundlesMax } from './support-bundles.ts';

onStorage('support bundles', (harness) => {
  const nameOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64url');
  const send = (
    operator: OperatorHarness,
    bytes: Uint8Array,
    over: { name?: string; body?: object } = {},
  ) => {
    const body = { form: 1, gzip: Buffer.from(bytes).toString('base64'), ...over.body };
    return operator.send('PUT', `/v1/support-bundles/${over.name ?? nameOf(bytes)}`, body);
  };
  const bundle = (text: string): Buffer => gzipSync(text);

  it('are kept once, and taken by an administrator with a reason that is on record', async () => {
    const operator = harness();
    const { cabinetId } = operator.cabinet;
    const bytes = bundle('all is well');
    expect((await send(operator, bytes)).status).toBe(204);
    expect((await send(operator, bytes)).status).toBe(204);
    const { browser } = await new ConsolePeople(operator).first();
    const listed = await browser.call('supportBundles', undefined, { cabinetId });
    const name = nameOf(bytes);
    expect(listed).toMatchObject({ value: [{ name, byteCount: bytes.length }] });
    const reason = 'the technician has called';
    const taken = await browser.call('takeSupportBundle', { reason }, { cabinetId, name });
    expect(taken).toMatchObject({ value: { gzip: bytes.toString('base64') } });
    const acts = await operator.db.select().from(staffAct);
    expect(acts.find(({ act }) => act === 'support_bundle_taken')).toMatchObject({
      ...{ actor: 'anna', subject: `cabinet:${cabinetId}`, reason },
    });
  });

  it('are for administrators alone, with a reason, of the cabinet that has sent them', async () => {
    const operator = harness();
    const { cabinetId } = operator.cabinet;
    const bytes = bundle('ours');
    await send(operator, bytes);
    const name = nameOf(bytes);
    const people = new ConsolePeople(operator);
    const { browser } = await people.first();
    const reason = 'to look at it';
    for (const role of ['support', 'finance', 'auditor'] as const) {
      const other = await people.another(browser, `a-${role}`, role);
      for (const asked of [
        await other.browser.call('supportBundles', undefined, { cabinetId }),
        await other.browser.call('takeSupportBundle', { reason }, { cabinetId, name }),
      ])
        expect(asked).toMatchObject({ status: 403 });
    }
    const take = (body: { reason: string }, params: Record<string, string>) =>
      browser.call('takeSupportBundle', body, params);
    expect(await take({ reason: '' }, { cabinetId, name })).toMatchObject({ status: 400 });
    expect(await take({ reason }, { cabinetId: 'OTHER', name })).toMatchObject({ status: 404 });
    expect(await take({ reason }, { cabinetId, name: nameOf(bundle('x')) })).toMatchObject({ status: 404 });
    const acts = await operator.db.select().from(staffAct);
    expect(acts.some(({ act }) => act === 'support_bundle_taken')).toBe(false);
  });

  it('are refused when they are not what they say', async () => {
    const operator = harness();
    const bytes = bundle('whole');
    const refused = [
      await send(operator, bytes, { name: nameOf(bundle('another')) }),
      await send(operator, Buffer.from('no gzip at all')),
      await send(operator, bytes, { body: { gzip: 'not base64!' } }),
      await send(operator, bytes, { body: { form: 0 } }),
      await send(operator, bytes, { name: 'short' }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400]);
    const large = Buffer.concat([bytes, Buffer.alloc(supportBundleMaxBytes)]);
    expect([400, 413]).toContain((await send(operator, large)).status);
    const stranger = makeCabinet('NOT-ENROLLED');
    const body = { form: 1, gzip: bytes.toString('base64') };
    const sent = await operator.send('PUT', `/v1/support-bundles/${nameOf(bytes)}`, body, stranger);
    expect(sent.status).toBe(401);
    expect(await operator.db.$count(supportBundle)).toBe(0);
  });

  it('are so many of a cabinet and day, and the oldest make place', async () => {
    const operator = harness();
    for (let i = 0; i < supportBundlesMax; i++) {
      await operator.clock.advance(1);
      expect((await send(operator, bundle(`no. ${i}`))).status).toBe(204);
    }
    expect(await send(operator, bundle('one too many'))).toMatchObject({ status: 429 });
    await operator.clock.advance(86_400_000 + 1);
    expect((await send(operator, bundle('the next day'))).status).toBe(204);
    const kept = await operator.db.select({ name: supportBundle.name }).from(supportBundle);
    expect(kept).toHaveLength(supportBundlesMax);
    expect(kept.map(({ name }) => name)).toContain(nameOf(bundle('the next day')));
    expect(keptMs.supportBundles).toBeGreaterThan(86_400_000);
  });

  it('lie there sealed: whoever has the database alone reads none', async () => {
    const operator = harness();
    await send(operator, bundle('what is in it'));
    const [row] = await operator.db.select().from(supportBundle);
    expect(row?.sealed).toMatch(/^(gcm|plain):/);
  });
});
