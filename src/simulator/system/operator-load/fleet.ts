import { visit, cabinet as cabinetTable, member } from '../../../operator/storage/schema.ts';
import type { Db } from '../../../operator/storage/storage.ts';
import { minor } from '../../../shared/money.ts';
import type { TestCabinet } from '../../../testkit/operator/cabinet.ts';
import {
  chargeBody,
  makeCabinet,
  newChargeId,
  newVisitId,
  signedHeaders,
} from '../../../testkit/operator/cabinet.ts';
import { clockSkewMaxMs } from '../../../shared/api/signing.ts';
import { loadSampleCatalog } from '../../catalog.ts';
import { Wire } from './wire.ts';

/** Rows that go to the database at once. */
const batchMax = 500;
/** What was signed longer ago is signed again: the operator takes no request that is much older. */
const signedEarlierMaxMs = clockSkewMaxMs / 2;
/** Before it asks again: doubled each time, half of it chance, ms. */
const retryFirstMs = 500;
const retryMaxMs = 30_000;

/** A charge that waits to be sent, at the cabinet that has it. */
export interface WaitingCharge {
  readonly cabinet: TestCabinet;
  readonly chargeId: string;
  readonly text: string;
  /** The first request that brings it, signed before anything is measured: a fleet has a processor for each cabinet. */
  readonly first: { readonly request: string; readonly signedAtMs: number };
}

/** A cabinet, a member and a visit that was allowed for each charge, and the charge: of two pieces at today's prices. */
export async function makeWaitingCharges(db: Db, count: number, name: string): Promise<WaitingCharge[]> {
  const nowMs = Date.now();
  const [product] = loadSampleCatalog().products;
  if (product === undefined) throw new Error('the sample catalogue is empty');
  const lines = [
    {
      ...{ sku: product.sku, name: product.name, unitPriceMinor: product.priceMinor, count: 2 },
      amountMinor: minor(2 * product.priceMinor),
    },
  ];
  const waiting: WaitingCharge[] = [];
  for (let from = 0; from < count; from += batchMax) {
    const batch = Array.from({ length: Math.min(batchMax, count - from) }, (_, i) => {
      const number = from + i;
      const cabinet = makeCabinet(`${name}-${String(number).padStart(5, '0')}`);
      const { cabinetId } = cabinet;
      const memberId = `M-${name}-${number}`;
      const ids = { visitId: newVisitId(nowMs - 120_000), chargeId: newChargeId(nowMs - 120_000) };
      const text = JSON.stringify(chargeBody({ ...ids, cabinetId, memberId }, { lines }));
      return { cabinet, cabinetId, memberId, ...ids, text };
    });
    await db.insert(cabinetTable).values(
      batch.map(({ cabinet, cabinetId }) => ({
        ...{ cabinetId, publicKey: cabinet.publicKey, tokenHash: '', tokenOpen: false },
        enrolledAtMs: nowMs,
      })),
    );
    await db.insert(member).values(
      batch.map(({ memberId }) => ({
        ...{ memberId, display: '*', provider: 'fake', standing: 'active' as const },
        ...{ owedElsewhereMinor: 0, note: '' },
      })),
    );
    await db.insert(visit).values(
      batch.map(({ cabinetId, memberId, visitId, chargeId }) => ({
        ...{
          cabinetId,
          memberId,
          visitId,
          chargeId,
          purpose: 'visit' as const,
          entryMethod: 'code' as const,
        },
        ...{ allowed: true, atMs: nowMs - 120_000, codeNonce: visitId.slice(-12) },
        reply: JSON.stringify({
          ...{ decision: 'allowed', member: { memberId, display: '*' } },
          ...{ visitMaxMinor: 20_000, phoneDigits: null },
        }),
      })),
    );
    waiting.push(
      ...batch.map(({ cabinet, chargeId, text }) => ({
        cabinet,
        chargeId,
        text,
        first: { request: putOf(cabinet, chargeId, text), signedAtMs: Date.now() },
      })),
    );
  }
  return waiting;
}

/** What cabinets send over loopback, on so many connections at most. */
export class Senders {
  readonly #wires: Wire[];
  /** Those without a request under way. */
  readonly #free: Wire[];
  /** Requests that were not answered in time, and those that were asked to come again. */
  readonly counts = { unanswered: 0, askedToComeAgain: 0 };

  constructor(api: string, connectionsMax: number) {
    this.#wires = Array.from({ length: connectionsMax }, () => new Wire(api));
    this.#free = [...this.#wires];
  }

  close(): void {
    for (const wire of this.#wires) wire.close();
  }

  /**
   * Until the operator has the charge, as a cabinet does it: what was not answered is asked about before it is sent again.
   * No more at a time than there are connections.
   */
  async deliver({ cabinet, chargeId, text, first }: WaitingCharge): Promise<void> {
    let isInDoubt = false;
    for (let tries = 0; ; tries++) {
      const isNew = tries === 0 && Date.now() - first.signedAtMs < signedEarlierMaxMs;
      const status = await this.#send(
        isInDoubt ? getOf(cabinet, chargeId) : isNew ? first.request : putOf(cabinet, chargeId, text),
      );
      if (status === 200) return;
      if (status === null) this.counts.unanswered++;
      else if (status !== 404) this.counts.askedToComeAgain++;
      isInDoubt = status === null || status >= 500;
      if (status === 404) continue;
      const waitMs = Math.min(retryFirstMs * 2 ** tries, retryMaxMs);
      await new Promise((resolve) => setTimeout(resolve, waitMs * (0.5 + Math.random() / 2)));
    }
  }

  /** As each cabinet does all the time to know whether there is a network (main/operator/network-link-monitor.ts). */
  async greet({ cabinet }: WaitingCharge): Promise<void> {
    await this.#send(requestOf(cabinet, 'GET', '/v1/health'));
  }

  /** The status; null: no answer in time. */
  async #send(request: string): Promise<number | null> {
    const wire = this.#free.pop();
    if (wire === undefined) throw new Error('more requests at a time than connections');
    try {
      return await wire.send(request);
    } finally {
      this.#free.push(wire);
    }
  }
}

const putOf = (cabinet: TestCabinet, chargeId: string, text: string): string =>
  requestOf(cabinet, 'PUT', `/v1/charges/${chargeId}`, text);
const getOf = (cabinet: TestCabinet, chargeId: string): string =>
  requestOf(cabinet, 'GET', `/v1/charges/${chargeId}`);

/** As it goes over the wire, signed now. */
function requestOf(cabinet: TestCabinet, method: 'GET' | 'PUT', path: string, body?: string): string {
  const of = body === undefined ? {} : { body };
  const headers = {
    ...signedHeaders(cabinet, { method, path, timestampMs: Date.now(), ...of }),
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\nhost: operator\r\n${lines.join('')}\r\n${body ?? ''}`;
}

/** Does this with each of them, so many at a time; gives how long each took, ms. */
export async function eachOf<T>(
  all: readonly T[],
  atOnce: number,
  work: (one: T) => Promise<void>,
): Promise<number[]> {
  const tookMs: number[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let one = all[next++]; one !== undefined; one = all[next++]) {
      const startMs = performance.now();
      await work(one);
      tookMs.push(performance.now() - startMs);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return tookMs;
}
