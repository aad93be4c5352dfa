import { expect, it } from 'vitest';
import { incidentsOfKindMax } from '../limits.ts';
import { chargeBody, makeCabinet } from '../../testkit/operator/cabinet.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { earlyResolution } from '../storage/schema.ts';

onStorage('a decision about a charge of one cabinet', (harness) => {
  const decide = async (
    chargeId: string,
    more: { cabinetId?: string | undefined; amountMinor?: number } = {},
  ) => {
    const response = await harness().operator.developmentApi?.inject({
      method: 'POST',
      url: `/dev/charges/${chargeId}/resolve`,
      payload: { by: 'anna', decision: 'settled', amountMinor: 1300, cabinetId: 'CAB-1', ...more },
    });
    return response?.statusCode;
  };

  const withThief = async () => {
    const operator = harness();
    const thief = makeCabinet('CAB-2');
    await operator.enrol(thief);
    return { operator, thief };
  };

  it('is told to no other cabinet', async () => {
    const { operator, thief } = await withThief();
    const visit = await operator.visit();
    await decide(visit.chargeId);
    const path = `/v1/charges/${visit.chargeId}`;
    expect.soft((await operator.send('PUT', path, {}, thief)).status).toBe(400);
    const body = chargeBody(visit);
    expect.soft((await operator.send('PUT', path, body, thief)).status).toBe(403);
  });

  it('settles no charge of another cabinet', async () => {
    const { operator, thief } = await withThief();
    const visit = await operator.visit();
    await decide(visit.chargeId);
    const other = await operator.visit('M1002', thief);
    const path = `/v1/charges/${visit.chargeId}`;
    const put = await operator.send('PUT', path, chargeBody({ ...other, chargeId: visit.chargeId }), thief);
    expect(put.body).not.toMatchObject({ state: 'paid' });
    // And the cabinet that it is about is told what was decided.
    const own = await operator.send('PUT', path, chargeBody(visit));
    expect(own.status).toBe(200);
  });

  it('is none about a charge that is not here, unless it names whose charge it is', async () => {
    const { operator, thief } = await withThief();
    const other = await operator.visit('M1002', thief);
    const visit = await operator.visit();
    expect(await decide(visit.chargeId, { cabinetId: undefined })).toBe(404);
    const path = `/v1/charges/${visit.chargeId}`;
    const read = await operator.send('PUT', path, { visitId: other.visitId }, thief);
    expect(read).toMatchObject({ status: 400, body: { error: 'bad_request' } });
    // It is that cabinet's own charge of its own visit, and the one whose number it is makes the conflict known.
    const taken = chargeBody({ ...other, chargeId: visit.chargeId });
    const put = await operator.send('PUT', path, taken, thief);
    expect(put.body).toMatchObject({ state: 'paid', resolved: null });
    expect((await operator.send('PUT', path, chargeBody(visit))).status).toBe(409);
    expect(await operator.incidentKinds()).toEqual(['charge_conflict']);
  });

  it('from before cabinets were named settles nothing, and people are told when its number comes', async () => {
    const { operator, thief } = await withThief();
    const visit = await operator.visit();
    const other = await operator.visit('M1002', thief);
    const { chargeId } = visit;
    const before = {
      chargeId,
      cabinetId: '',
      actor: 'anna',
      decision: 'settled',
      amountMinor: 1300,
    } as const;
    await operator.db.insert(earlyResolution).values({ ...before, atMs: operator.clock.nowMs() });
    const path = `/v1/charges/${chargeId}`;
    expect((await operator.send('PUT', path, { visitId: other.visitId }, thief)).status).toBe(400);
    const put = await operator.send('PUT', path, chargeBody(visit));
    expect(put.body).toMatchObject({ state: 'needs_attention', reason: 'system.conflict' });
    expect(await operator.incidentKinds()).toEqual(['decision_not_applied']);
    expect(await decide(chargeId, { cabinetId: undefined, amountMinor: 700 })).toBe(200);
    expect(await operator.debitCount(chargeId)).toBe(0);
  });

  it('is of the cabinet that it names, whatever visits others had', async () => {
    const { operator, thief } = await withThief();
    const other = await operator.visit('M1002', thief);
    const visit = await operator.visit();
    const path = `/v1/charges/${visit.chargeId}`;
    expect(await decide(visit.chargeId)).toBe(200);
    // Until the charge is here the last decision stands; that its cabinet has not heard it, people are told each time.
    const putRight = ['decision_not_heard', 'decision_not_heard'];
    expect(await decide(visit.chargeId, { amountMinor: 1 })).toBe(200);
    expect(await decide(visit.chargeId)).toBe(200);
    const taken = chargeBody({ ...other, chargeId: visit.chargeId });
    const put = await operator.send('PUT', path, taken, thief);
    expect(put.body).toMatchObject({ state: 'needs_attention', reason: 'system.conflict' });
    expect(await operator.incidentKinds()).toEqual([...putRight, 'decision_not_applied']);
    // The number is taken, and the decision still reaches its cabinet, also again and with what nobody can read.
    for (const body of [chargeBody(visit), chargeBody(visit), {}])
      expect(await operator.send('PUT', path, body)).toMatchObject({
        status: 200,
        body: { state: 'paid', totalMinor: 1300, resolved: { how: 'settled', by: 'support' } },
      });
    // What is held is not lost: people decide about it by itself.
    expect(await decide(visit.chargeId, { cabinetId: 'CAB-2', amountMinor: 700 })).toBe(200);
    expect(await operator.chargeRow(visit.chargeId)).toMatchObject({ cabinetId: 'CAB-2', paidMinor: 700 });
    expect(await operator.debitCount(visit.chargeId)).toBe(0);
  });

  it('is on the list that a human reads, however much its cabinet has put there before', async () => {
    const { operator, thief } = await withThief();
    const known = await operator.visit('M1002', thief);
    const knownPath = `/v1/charges/${known.chargeId}`;
    await operator.send('PUT', knownPath, chargeBody(known), thief);
    for (let i = 0; i < incidentsOfKindMax + 2; i++)
      await operator.send('PUT', knownPath, { ...chargeBody(known), memberId: `M${2000 + i}` }, thief);
    const made = (await operator.incidentKinds()).length;
    expect(made).toBe(incidentsOfKindMax);
    const visit = await operator.visit();
    await decide(visit.chargeId);
    const other = await operator.visit('M1002', thief);
    const taken = chargeBody({ ...other, chargeId: visit.chargeId });
    await operator.send('PUT', `/v1/charges/${visit.chargeId}`, taken, thief);
    expect((await operator.incidentKinds()).slice(made)).toEqual(['decision_not_applied']);
  });
});
