import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { OwedByCard } from '../../testkit/operator/owed-by-card.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { failedNoticesOfAddress, noticeConnectionsMax } from '../limits.ts';
import { webhookSecret } from '../providers/stripe/test-server/rig.ts';

const cards = new OwedByCard();

beforeAll(() => cards.rig.start());
afterAll(() => cards.rig.stop());
beforeEach(() => cards.reset());

onStorage('the port for notices, and strangers', (harness) => {
  const start = () => {
    const operator = harness().restarted({ currency: 'USD', realProviders: [cards.adapter(harness())] });
    const app = operator.operator.noticeApi;
    const notify = async (secret: string, remoteAddress: string) => {
      const { headers, body } = cards.rig.server.event('charge.refunded', { object: 'charge' }, secret);
      const sent = { method: 'POST', url: '/v1/notices/stripe', headers, payload: body } as const;
      return (await app.inject({ ...sent, remoteAddress })).statusCode;
    };
    return { operator, app, notify };
  };

  it('who forges notices behind the proxy that all come through keeps out no genuine one', async () => {
    const { operator, notify } = start();
    const forged = new Set<number>();
    for (let i = 0; i < failedNoticesOfAddress.burst + 10; i++)
      forged.add(await notify('whsec_anotheranother', '127.0.0.1'));
    expect([...forged]).toEqual([500, 429]);
    expect(await notify(webhookSecret, '127.0.0.1')).toBe(200);
    await operator.close();
  });

  it('who holds all connections that there are keeps nobody away', async () => {
    const { operator, app } = start();
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const open = () =>
      new Promise<ReturnType<typeof connect>>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => resolve(socket)).on('error', () => undefined);
      });
    const held = await Promise.all(Array.from({ length: noticeConnectionsMax + 20 }, open));
    for (const socket of held) socket.write('GET /v1/pay/stripe/KM0 HTTP/1.1\r\nhost: x\r\n');
    const answer = await fetch(`http://127.0.0.1:${port}/v1/pay/stripe/KM00000000000000000000000000`);
    expect(answer.status).toBe(404);
    for (const socket of held) socket.destroy();
    await operator.close();
  });
});
