import { expect, it } from 'vitest';
import { apiRoutes } from '../../shared/api/routes.ts';
import { makeCabinet, newVisitId } from '../../testkit/operator/cabinet.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { largeRepliesOfCabinet } from '../limits.ts';

onStorage('whoever has a cabinet’s key, and asks for what is large as fast as they can', (harness) => {
  it.each(['catalog', 'offlinePolicy', 'purchases'] as const)(
    'is given so many of them, also at once, and takes nobody’s: %s',
    async (name) => {
      const operator = harness();
      const { cabinetId } = operator.cabinet;
      const other = makeCabinet('CAB-2');
      await operator.enrol(other);
      const ask = async (cabinet = operator.cabinet): Promise<number> => {
        const { method, path } = apiRoutes[name];
        if (name !== 'purchases') return (await operator.send(method, path, undefined, cabinet)).status;
        return (await operator.send(method, path, { visitId: visits[cabinet.cabinetId] }, cabinet)).status;
      };
      const visits = {
        [cabinetId]: newVisitId(operator.clock.nowMs()),
        'CAB-2': newVisitId(operator.clock.nowMs() + 1),
      };
      for (const cabinet of [operator.cabinet, other]) {
        const code = operator.code(cabinet === other ? 'M1002' : 'M1001');
        const asked = { visitId: visits[cabinet.cabinetId], code, purpose: 'account' };
        await operator.send('POST', '/v1/visits/authorise', asked, cabinet);
      }
      const tooMany = largeRepliesOfCabinet.burst + 10;
      const statuses = await Promise.all(Array.from({ length: tooMany }, () => ask()));
      const answered = statuses.filter((status) => status === 200);
      expect(answered.length).toBeGreaterThan(0);
      expect(answered.length).toBeLessThanOrEqual(largeRepliesOfCabinet.burst);
      expect(new Set(statuses)).toEqual(new Set([200, 429]));
      expect(await ask(other)).toBe(200);
      // What is small it is given as ever.
      expect((await operator.send('GET', '/v1/health')).status).toBe(200);
      await operator.clock.advance(2_000);
      expect(await ask()).toBe(200);
    },
  );
});
