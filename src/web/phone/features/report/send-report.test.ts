import { expect, it } from 'vitest';
import type { PhoneApi } from '../../base/client.ts';
import type { ReportDraft } from '../../base/draft.ts';
import { samplePurchase, paid } from '../../testing/samples.ts';
import { sendReport } from './send-report.ts';

const purchase = samplePurchase('0000ABCD', paid);
const photo = (text: string): string => `data:image/jpeg;base64,${btoa(text)}`;
const draft: ReportDraft = {
  ...{ disputeId: 'D1', skus: ['A001'], kind: 'price', words: 'dear', isTaken: false, photosLeft: null },
  photos: [photo('1'), photo('2')],
};

/** An operator that loses its answer to what it has taken, once for each of these. */
class LossyOperator implements Pick<PhoneApi, 'sendPhoto'> {
  readonly reports = new Map<string, unknown>();
  readonly photos: string[] = [];
  readonly #lost: Set<string>;

  constructor(...lost: readonly string[]) {
    this.#lost = new Set(lost);
  }

  readonly ask = ((name: string, body: { disputeId: string } | undefined) => {
    if (name === 'reportPurchase' && body !== undefined) this.reports.set(body.disputeId, body);
    if (this.#lost.delete(name)) return Promise.resolve({ ok: false, failure: 'slow' });
    return Promise.resolve({ ok: true, value: { ...purchase, photosLeft: this.#left() } });
  }) as unknown as PhoneApi['ask'];

  async sendPhoto(_chargeId: string, sent: Blob, onPercent: (percent: number) => void) {
    onPercent(50);
    const text = await sent.text();
    this.photos.push(text);
    if (this.#lost.delete(text)) return { ok: false, failure: 'offline' } as const;
    return { ok: true, value: { photosLeft: this.#left() } } as const;
  }

  #left(): number {
    return 3 - this.photos.length;
  }
}

async function sendUntilTaken(operator: LossyOperator): Promise<{ tries: number; kept: ReportDraft }> {
  let kept = draft;
  for (let tries = 1; tries < 10; tries++) {
    const sent = await sendReport({
      ...{ api: operator, purchase, draft: kept, kindWord: '价格不对', onStep: () => undefined },
      onTaken: (next) => {
        kept = next;
      },
    });
    if (sent.ok) return { tries, kept };
  }
  throw new Error('never taken');
}

it('sends the report, then each picture', async () => {
  const operator = new LossyOperator();
  expect(await sendUntilTaken(operator)).toMatchObject({ tries: 1, kept: { isTaken: true, photos: [] } });
  expect([...operator.reports]).toEqual([
    ['D1', { disputeId: 'D1', skus: ['A001'], text: '价格不对: dear' }],
  ]);
  expect(operator.photos).toEqual(['1', '2']);
});

it.each([[['reportPurchase']], [['1']], [['2']], [['reportPurchase', '1', '2', 'purchase']]])(
  'sends nothing twice when the answers to %s are lost',
  async (lost) => {
    const operator = new LossyOperator(...lost);
    expect((await sendUntilTaken(operator)).tries).toBe(lost.length + 1);
    expect(operator.reports.size).toBe(1);
    expect(operator.photos).toEqual(['1', '2']);
  },
);
