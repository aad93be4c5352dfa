import { expect, it } from 'vitest';
import { onStorage } from '../../testkit/operator/suite.ts';

onStorage('a page of the web', (harness) => {
  const memberCode = async (headers: Record<string, string>): Promise<number> => {
    const api = harness().operator.developmentApi!;
    const payload = { memberId: 'M1001' };
    return (await api.inject({ method: 'POST', url: '/dev/member-codes', payload, headers })).statusCode;
  };

  it.each([
    ['by its own name that leads here', { host: 'evil.example' }],
    ['by a name that begins like ours', { host: 'localhost.evil.example' }],
    ['by a name with our address in it', { host: '127.0.0.1.evil.example:1' }],
    ['from its own origin', { host: '127.0.0.1:1', origin: 'https://evil.example' }],
    ['from an origin that is hidden', { host: '127.0.0.1:1', origin: 'null' }],
    ['by an address that is not ours', { host: '[::2]:1' }],
  ])('gets nothing from the development API %s', async (_name, headers) => {
    expect(await memberCode(headers)).toBe(403);
    const api = harness().operator.developmentApi!;
    expect((await api.inject({ method: 'GET', url: '/dev/members', headers })).statusCode).toBe(403);
    const body = { ...headers, 'content-type': 'text/plain' };
    const fault = await api.inject({ method: 'POST', url: '/dev/faults', payload: '{', headers: body });
    expect(fault.statusCode).toBe(403);
  });

  it.each([
    { host: '127.0.0.1:4000' },
    { host: 'localhost' },
    { host: '[::1]:4000' },
    { host: 'localhost:4000', origin: 'http://127.0.0.1:5000' },
  ])('is told from whoever calls on this machine: %j', async (headers) => {
    expect(await memberCode(headers)).toBe(200);
  });
});
