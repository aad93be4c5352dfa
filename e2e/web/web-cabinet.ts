import { randomBytes, sign } from 'node:crypto';
import { cabinetCodeText, cabinetCodeToSign, makeShowing } from '../../src/core/identity/cabinet-code.ts';
import { cabinetCodeLifetimeMs, showingByteCount } from '../../src/shared/model/cabinet-code.ts';
import type { ChargeId, VisitId } from '../../src/shared/ids.ts';
import type { AuthoriseReply } from '../../src/shared/api/operator.ts';
import { authoriseReplySchema } from '../../src/shared/api/operator.ts';
import type { OperatorClient } from '../../src/testkit/app/operator-client.ts';
import type { OperatorProcess } from '../../src/testkit/app/operator-process.ts';
import type { TestCabinet } from '../../src/testkit/operator/cabinet.ts';
import {
  chargeBody,
  line,
  makeCabinet,
  newChargeId,
  newEnrolmentId,
  newVisitId,
  signedHeaders,
} from '../../src/testkit/operator/cabinet.ts';

/** A cabinet as its operator sees it: signed requests, no devices. */
export class WebCabinet {
  readonly #operator: OperatorProcess;
  readonly #client: OperatorClient;
  readonly #cabinet: TestCabinet;

  private constructor(operator: OperatorProcess, client: OperatorClient, cabinet: TestCabinet) {
    this.#operator = operator;
    this.#client = client;
    this.#cabinet = cabinet;
  }

  static async enrol(
    operator: OperatorProcess,
    client: OperatorClient,
    cabinetId: string,
  ): Promise<WebCabinet> {
    const cabinet = makeCabinet(cabinetId);
    const made = new WebCabinet(operator, client, cabinet);
    const token = await client.enrolToken(cabinetId);
    await made.#send('POST', '/v1/cabinets/enrol', { cabinetId, token, publicKey: cabinet.publicKey });
    // Only at prices that it was served may it sell.
    await made.#send('GET', '/v1/catalog');
    return made;
  }

  /** May this member shop now? Asked as for the next door. */
  async authorise(
    memberId: string,
    purpose: 'visit' | 'enrol' = 'visit',
  ): Promise<AuthoriseReply & { readonly visitId: VisitId }> {
    const { code } = await this.#client.call('memberCode', { memberId, purpose });
    const visitId = newVisitId(Date.now());
    const kind = purpose === 'enrol' ? { purpose: 'account' } : {};
    const reply = await this.#send('POST', '/v1/visits/authorise', { visitId, code, ...kind });
    return { ...authoriseReplySchema.parse(reply), visitId };
  }

  /** A whole visit of this member, with two lines of the sample catalogue: two cans (7.00), a bottle of water (2.00). */
  async buy(memberId: string): Promise<ChargeId> {
    const { visitId, decision } = await this.authorise(memberId);
    if (decision !== 'allowed') throw new Error(`${memberId} is not let in`);
    const chargeId = newChargeId(Date.now());
    const { cabinetId } = this.#cabinet;
    const lines = [line('cola-can', 350, 2), line('spring-water', 200, 1)];
    const body = chargeBody({ chargeId, visitId, cabinetId, memberId }, { lines });
    await this.#send('PUT', `/v1/charges/${chargeId}`, body);
    return chargeId;
  }

  async enrolFace(memberId: string): Promise<void> {
    const { visitId } = await this.authorise(memberId, 'enrol');
    const enrolmentId = newEnrolmentId(Date.now());
    await this.#send('PUT', `/v1/face-enrolments/${enrolmentId}`, { visitId });
  }

  /** What its screen shows as a QR, as of this moment. */
  code(atMs = Date.now()): string {
    const { cabinetId, privateKey } = this.#cabinet;
    const showing = makeShowing(randomBytes(showingByteCount));
    const expiresAtS = Math.floor((atMs + cabinetCodeLifetimeMs) / 1_000);
    const signed = cabinetCodeToSign({ cabinetId, expiresAtS, showing });
    return cabinetCodeText('', signed, sign(null, Buffer.from(signed), privateKey));
  }

  async #send(method: 'GET' | 'POST' | 'PUT', path: string, value?: object): Promise<unknown> {
    const body = value === undefined ? '' : JSON.stringify(value);
    const response = await fetch(`${this.#operator.api}${path}`, {
      method,
      ...(body === '' ? {} : { body }),
      headers: {
        ...(body === '' ? {} : { 'content-type': 'application/json' }),
        ...signedHeaders(this.#cabinet, { method, path, body, timestampMs: Date.now() }),
      },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? null : (JSON.parse(text) as unknown);
  }
}
