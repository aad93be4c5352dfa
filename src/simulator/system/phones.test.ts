import { sign } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cabinetCodeText, cabinetCodeToSign } from '../../core/identity/cabinet-code.ts';
import { startOperator } from '../../operator/start.ts';
import type { RunningOperator } from '../../operator/start.ts';
import { developmentRoutes } from '../../shared/api/development-routes.ts';
import { apiRoutes } from '../../shared/api/routes.ts';
import { cabinetCodeLifetimeMs } from '../../shared/model/cabinet-code.ts';
import { makeCabinet } from '../../testkit/operator/cabinet.ts';
import { pgliteTemplate } from '../../testkit/operator/templates.ts';
import { OperatorDev } from '../operator-dev.ts';
import { SimulatedPhones } from '../phones.ts';

const cabinet = makeCabinet('CAB-1');
let operator: RunningOperator;
beforeAll(async () => {
  const started = await startOperator({ dev: true, startFrom: await pgliteTemplate() });
  if (!started.ok) throw new Error(started.error.message);
  operator = started.value;
  const post = async (url: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    return answer;
  };
  const { cabinetId, publicKey } = cabinet;
  const given = await post(`${operator.dev}${developmentRoutes.enrolToken.path}`, { cabinetId });
  const { token } = developmentRoutes.enrolToken.reply.parse(await given.json());
  await post(`${operator.api}${apiRoutes.enrol.path}`, { cabinetId, token, publicKey });
}, 300_000);
afterAll(() => operator.close());

/** The QR on the cabinet's screen, in one turn of it. */
function shown(showing: string): string {
  const expiresAtS = Math.floor((Date.now() + cabinetCodeLifetimeMs) / 1000);
  const signed = cabinetCodeToSign({ cabinetId: 'CAB-1', expiresAtS, showing });
  return cabinetCodeText(`${operator.phone}c#`, signed, sign(null, Buffer.from(signed), cabinet.privateKey));
}

test('a simulated phone signs in on a real operator’s page by plain http, and opens a cabinet', async () => {
  const phones = new SimulatedPhones(new OperatorDev(operator.dev));
  const [first, second] = ['AAAAAAA2', 'BBBBBBB3'].map(shown) as [string, string];
  expect(await phones.openCabinet('M1001', first)).toEqual({ ok: true, value: { accepted: true } });
  expect(await phones.openCabinet('M1002', first)).toMatchObject({ error: { code: 'sign_in_refused' } });
  expect(await phones.openCabinet('M1001', second)).toEqual({ ok: true, value: { accepted: true } });
  expect(await phones.openCabinet('M9999', second)).toMatchObject({ error: { code: 'operator_refused' } });
});
