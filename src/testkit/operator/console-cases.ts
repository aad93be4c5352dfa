import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { assert } from '../../shared/assert.ts';
import type {
  DevelopmentBody,
  DevelopmentReply,
  DevelopmentRouteName,
} from '../../shared/api/development-routes.ts';
import { callDevelopment } from '../../shared/api/development-routes.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import { cabinetSettingNames } from '../../shared/model/cabinet-settings.ts';
import { defaultKnock } from '../../shared/model/corner-knock.ts';
import type { UpdateReport } from '../../shared/model/update-order.schema.ts';
import type { ChargeBody } from '../../shared/model/charge.schema.ts';
import type { TestCabinet } from './cabinet.ts';
import { chargeBody, line, makeCabinet, newChargeId, newVisitId, signedHeaders } from './cabinet.ts';

/** Only bounds hanging: the operator debits within moments. */
const paidMaxMs = 120_000;
const lookEveryMs = 100;

/**
 * Charges that people have to look at, made as they come about: a cabinet is enrolled, members show their codes, charges are sent
 * and debited by the fake provider, and reported. For an operator with the development API (`--dev`) and the sample catalogue.
 */
export class ConsoleCases {
  readonly #at: { readonly api: string; readonly dev: string };
  readonly #cabinet: TestCabinet;

  private constructor(at: { readonly api: string; readonly dev: string }, cabinet: TestCabinet) {
    this.#at = at;
    this.#cabinet = cabinet;
  }

  static async enrol(
    at: { readonly api: string; readonly dev: string },
    cabinetId = 'CAB-SH-0217',
  ): Promise<ConsoleCases> {
    const cases = new ConsoleCases(at, makeCabinet(cabinetId));
    const { token } = await cases.#dev('enrolToken', { cabinetId });
    const { publicKey } = cases.#cabinet;
    const body = JSON.stringify({ cabinetId, token, publicKey });
    const answer = await fetch(`${at.api}/v1/cabinets/enrol`, { method: 'POST', body });
    assert(answer.status === 204, `enrolled: ${answer.status}`);
    return cases;
  }

  /** Goods that nobody is certain about: beside two that are billed, or nothing but them. */
  async held(unitPriceMinor = 990, alone = false): Promise<ChargeId> {
    return this.charge({
      lines: alone ? [] : [cola(2)],
      heldLines: [named('iced-coffee', '冰咖啡 250 毫升', 'Iced coffee 250 ml', unitPriceMinor, 1)],
      review: ['recognition.door_left_open'],
    });
  }

  /** Paid, and then reported. */
  async disputed(): Promise<ChargeId> {
    const chargeId = await this.paid();
    const atMs = Date.now();
    const disputeId = makeDisputeId(atMs, randomBytes(idRandomByteCount));
    const body = { disputeId, skus: ['cola-can'], atMs };
    await this.#signed('POST', `/v1/charges/${chargeId}/disputes`, body);
    return chargeId;
  }

  async paid(): Promise<ChargeId> {
    const chargeId = await this.charge({ lines: [cola(1), water(2)] });
    await this.#until(chargeId, 'paid');
    return chargeId;
  }

  /** The account has too little. */
  async declined(): Promise<ChargeId> {
    await this.#dev('provider', { mode: 'decline', reason: 'account.insufficient_funds' });
    const chargeId = await this.charge({ lines: [water(3)] }, 'M1002');
    await this.#until(chargeId, 'collecting');
    await this.#dev('provider', { mode: 'ok' });
    return chargeId;
  }

  /** A visit of that member that its cabinet says nothing was taken in: no charge comes of it. */
  async uncharged(memberId = 'M1001'): Promise<string> {
    const { visitId, chargeId, atMs } = await this.#letIn(memberId);
    const closing = { chargeId, ended: 'nothing_taken', totalMinor: 0, heldMinor: 0, closedAtMs: atMs + 1 };
    await this.#signed('PUT', `/v1/visits/${visitId}/closing`, closing);
    return visitId;
  }

  /** A visit of which nothing is heard after its door was opened. */
  async silent(memberId = 'M1001'): Promise<string> {
    return (await this.#letIn(memberId)).visitId;
  }

  /** What the cabinet says of its goods: some were gone between two counts, one was too much, two have swapped places. */
  async stock(visitId: string): Promise<void> {
    const [sinceMs, atMs] = [Date.now() - 86_400_000, Date.now() - 3_600_000];
    const skus = ['cola-can', 'spring-water', 'jasmine-tea', 'iced-coffee', 'orange-juice'];
    const between = [visitId, 'service:4410'];
    await this.#signed('PUT', '/v1/stock-report', {
      countedAtMs: atMs,
      lines: skus.map((sku, i) => ({ sku, count: 7 - i, lane: i < 2 ? i + 1 : null })),
      planVersion: 1,
      moves: ['cola-can', 'spring-water'].map((sku, i) => ({ sku, slot: `1-${2 - i}`, by: '4410', atMs })),
      differences: [
        { sku: 'cola-can', expected: 9, counted: 7, between, betweenCount: 2 },
        { sku: 'jasmine-tea', expected: 4, counted: 5, between: [], betweenCount: 0 },
      ].map((one) => ({ ...one, id: randomBytes(16).toString('base64url'), atMs, sinceMs })),
    });
  }

  /** What the cabinet says of its settings: one was ordered, another one changed by somebody there. */
  async settings(): Promise<void> {
    const atMs = Date.now() - 3_600_000;
    const values = {
      ...{ language: 'zh', soundPercent: 60, servicePhone: '400-000-0217', knock: [...defaultKnock] },
      ...{ coolingMaxMilliC: 4_500, coolingForMinutes: 30, faceCamera: null, faceRotation: 90 },
      ...{ identifySeconds: 60, openDoorSeconds: 15, ajarSeconds: 90, receiptSeconds: 12 },
    };
    const changed = [{ name: 'coolingMaxMilliC', before: 6_000, after: 4_500 }];
    await this.#signed('PUT', '/v1/settings-report', {
      ...{ version: 1, values, waiting: ['coolingMaxMilliC'], knows: cabinetSettingNames, answer: null },
      versions: [
        { version: 1, atMs, by: '4410', why: 'here', changed },
        { version: 0, atMs, by: '-', why: 'begin', changed: [] },
      ],
    });
  }

  /** How this cabinet says that it is: it does not sell, its lock is of no use, and what lies in it is cold. */
  async state(): Promise<void> {
    const sinceMs = Date.now() - 1_800_000;
    await this.#signed('PUT', '/v1/state-report', {
      ...{ version: '0.1.0', state: 'outOfService', reason: 'lock_unreachable', sinceMs },
      devices: [
        { id: 'lock-1', kind: 'lock', trouble: 'device.disconnected', sinceMs },
        { id: 'tag-reader-1', kind: 'tag-reader', trouble: null, sinceMs: sinceMs - 86_400_000 },
        { id: 'camera-left', kind: 'camera', trouble: 'camera.dark', sinceMs: null },
      ],
      temperature: {
        ...{ milliC: 4_000, maxMilliC: 6_000, isSpoilt: false, dayMinMilliC: 2_500, dayMaxMilliC: 5_500 },
      },
      undelivered: { count: 2, oldestMs: sinceMs },
    });
  }

  /** What this cabinet says of its updates. */
  async reportUpdate(report: UpdateReport): Promise<void> {
    await this.#signed('PUT', '/v1/update-report', report);
  }

  /** A visit of that member, and its charge. */
  async charge(change: Partial<ChargeBody>, memberId = 'M1001'): Promise<ChargeId> {
    const { visitId, chargeId, atMs } = await this.#letIn(memberId);
    const { cabinetId } = this.#cabinet;
    const ids = { visitId, chargeId, cabinetId, memberId };
    await this.#signed(
      'PUT',
      `/v1/charges/${chargeId}`,
      chargeBody(ids, { closedAtMs: atMs + 1, ...change }),
    );
    return chargeId;
  }

  async #letIn(memberId: string) {
    const atMs = Date.now();
    const ids = { visitId: newVisitId(atMs), chargeId: newChargeId(atMs) };
    const { code } = await this.#dev('memberCode', { memberId });
    const decided = await this.#signed('POST', '/v1/visits/authorise', { ...ids, code });
    assert((decided as { decision: string }).decision === 'allowed', JSON.stringify(decided));
    return { ...ids, atMs };
  }

  async #until(chargeId: ChargeId, state: string): Promise<void> {
    const endMs = Date.now() + paidMaxMs;
    while (Date.now() < endMs) {
      const all = await this.#dev('charges', undefined);
      const now = all.find((one) => one.chargeId === chargeId);
      if (now?.state === state) return;
      // Nothing goes on by itself.
      assert(now?.state !== 'needs_attention', `${chargeId} became ${JSON.stringify(now)}`);
      await sleep(lookEveryMs);
    }
    throw new Error(`${chargeId} did not become ${state}`);
  }

  #dev<N extends DevelopmentRouteName>(name: N, body: DevelopmentBody<N>): Promise<DevelopmentReply<N>> {
    const send = async ({ method, path, body: text }: { method: string; path: string; body?: string }) => {
      const json = text === undefined ? {} : { body: text, headers: { 'content-type': 'application/json' } };
      const answer = await fetch(this.#at.dev + path, { method, ...json });
      assert(answer.ok, `${path}: ${answer.status}`);
      return answer.status === 204 ? null : answer.json();
    };
    return callDevelopment(send, name, body);
  }

  async #signed(method: 'PUT' | 'POST', path: string, json: unknown): Promise<unknown> {
    const body = JSON.stringify(json);
    const headers = signedHeaders(this.#cabinet, { method, path, timestampMs: Date.now(), body });
    const answer = await fetch(this.#at.api + path, { method, headers, body });
    const text = await answer.text();
    assert(answer.ok, `${path}: ${answer.status} ${text}`);
    return text === '' ? null : (JSON.parse(text) as unknown);
  }
}

function named(sku: string, zh: string, en: string, unitPriceMinor: number, count: number) {
  return { ...line(sku, unitPriceMinor, count), name: { zh, en } };
}
const cola = (count: number) => named('cola-can', '可乐 330 毫升', 'Cola 330 ml', 350, count);
const water = (count: number) => named('spring-water', '山泉水 550 毫升', 'Spring water 550 ml', 200, count);
