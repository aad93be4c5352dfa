import { describe, expect, test } from 'vitest';
import { makeChargeId, makeVisitId } from '../ids.ts';
import { momentMaxMs } from '../model/moment.schema.ts';
import { lineCountMax, pieceCountMax } from '../model/basket.ts';
import { reasonCodes } from '../model/charge.ts';
import { amountMaxMinor } from '../money.ts';
import type { ApiRouteName } from './routes.ts';
import { pathOf } from '../util/route-path.ts';
import { apiRoutes } from './routes.ts';

const names = Object.keys(apiRoutes) as ApiRouteName[];

describe('the routes of the API', () => {
  test('differ from each other, and take a body where their method has one', () => {
    const keys = names.map((name) => `${apiRoutes[name].method} ${apiRoutes[name].path}`);
    expect(new Set(keys).size).toBe(keys.length);
    for (const name of names) {
      const { method, request, bodyMaxBytes } = apiRoutes[name];
      expect([name, request === null, bodyMaxBytes === 0]).toEqual([
        name,
        method === 'GET',
        method === 'GET',
      ]);
    }
  });

  test('take the largest charge that there can be, however its text is escaped', () => {
    const escaped = '\u0001'.repeat(60);
    const line = (i: number) => ({
      sku: `S${i}`.padEnd(32, '-'),
      name: { zh: escaped, en: escaped },
      unitPriceMinor: Math.floor(amountMaxMinor / pieceCountMax / lineCountMax),
      count: pieceCountMax,
      amountMinor: pieceCountMax * Math.floor(amountMaxMinor / pieceCountMax / lineCountMax),
    });
    const lines = Array.from({ length: lineCountMax }, (_, i) => line(i));
    const body = {
      chargeId: makeChargeId(0, new Uint8Array(10)),
      visitId: makeVisitId(0, new Uint8Array(10)),
      cabinetId: 'C'.repeat(32),
      memberId: 'M'.repeat(64),
      currency: 'CNY',
      lines,
      totalMinor: lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0),
      heldLines: lines,
      review: reasonCodes.slice(0, 10),
      confirmedByShopper: true,
      openedAtMs: momentMaxMs,
      closedAtMs: momentMaxMs,
    };
    const { request, bodyMaxBytes } = apiRoutes.putCharge;
    expect(request.safeParse(body).error).toBeUndefined();
    expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(bodyMaxBytes);
  });

  test('have paths that are filled in, and only with what cannot lead elsewhere', () => {
    expect(pathOf(apiRoutes.health)).toBe('/v1/health');
    expect(pathOf(apiRoutes.sendDispute, { chargeId: 'KM1' })).toBe('/v1/charges/KM1/disputes');
    expect(pathOf(apiRoutes.getCharge, { chargeId: '../health' })).toBe('/v1/charges/..%2Fhealth');
    expect(() => pathOf(apiRoutes.getCharge)).toThrow('chargeId');
  });
});
