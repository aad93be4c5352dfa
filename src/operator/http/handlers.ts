import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiParams, ApiReply, ApiRequest, ApiRouteName } from '../../shared/api/routes.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { withTimeout } from '../../shared/util/with-timeout.ts';
import { chainHeader } from '../../shared/api/chain-header.ts';
import type { SentBefore } from '../../shared/api/sent-before.ts';
import { knownDecisionHeader, parseSentBefore, sentBeforeHeader } from '../../shared/api/sent-before.ts';
import { noteChainEnd } from '../charges/chain-ends.ts';
import { listPurchases } from '../charges/purchases.ts';
import { ChargeIntake } from '../charges/charge-intake.ts';
import { replyFor } from '../charges/charge-reply.ts';
import { readCharge } from '../charges/receive-charge.ts';
import { receiveDispute } from '../disputes/disputes.ts';
import { receiveEvidence } from '../evidence/evidence.ts';
import { receiveEvidenceMissing, wantedEvidenceOf } from '../evidence/wishes.ts';
import { receiveAlarm } from '../fleet/alarms.ts';
import { findPicture } from '../fleet/goods-pictures.ts';
import { receiveInForce } from '../fleet/cabinets-in-force.ts';
import { receiveStateReport } from '../fleet/cabinet-states.ts';
import { receiveSettingsReport, settingsOrderFor } from '../fleet/cabinet-settings.ts';
import { planogramOf } from '../fleet/planograms.ts';
import { promotionsOf } from '../fleet/promotions.ts';
import { receiveStockReport } from '../fleet/stock.ts';
import { judgeRollOut } from '../fleet/release-usefulness.ts';
import { orderFor, receiveUpdateReport } from '../fleet/update-orders.ts';
import { etagOf } from '../fleet/versions.ts';
import { staffListOf } from '../fleet/cabinet-staff.ts';
import { receiveSupportBundle } from '../fleet/support-bundles.ts';
import { enrol } from '../fleet/enrolment.ts';
import { receiveFaceCount } from '../fleet/face-counts.ts';
import { enrolFace, facesToDelete, withdrawFace } from '../members/face-enrolments.ts';
import { debitWaitMs } from '../limits.ts';
import { authoriseVisit } from '../visits/authorise.ts';
import { receiveClosing } from '../visits/closings.ts';
import { onAnsweredOrGone } from './answered.ts';
import type { ApiOptions } from './api-options.ts';
import type { Signer } from './authenticator.ts';
import type { ApiFailure } from './errors.ts';
import type { SentBody } from './json.ts';

/** A request whose sender is known and whose path and body are as its route says. */
export interface ApiCall<N extends ApiRouteName> extends Signer, SentBody<ApiRequest<N>> {
  readonly params: ApiParams<N>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}
/** Nothing is a 204. */
type Answer<N extends ApiRouteName> =
  ApiReply<N> extends null ? Result<void, ApiFailure> : Result<ApiReply<N>, ApiFailure>;

/** What each call does. A handler that has written its answer itself returns the `FastifyReply`. */
export type ApiHandlers = {
  readonly [N in ApiRouteName]: (
    call: ApiCall<N>,
  ) => Answer<N> | FastifyReply | Promise<Answer<N> | FastifyReply>;
};

export function makeHandlers(options: ApiOptions): ApiHandlers {
  const { db, catalog, clock, qrSignIn, offlinePolicies, phonePage } = options;
  const intake = new ChargeIntake(options);
  return {
    enrol: ({ body }) => enrol(db, clock, body),
    health: async (call) => {
      await noteChainEnd(options, call, call.request.headers[chainHeader]);
      const faces = await facesToDelete(db, call.cabinetId);
      const page = phonePage();
      return ok({
        ...{ ok: true, nowMs: clock.nowMs() },
        ...(faces.length === 0 ? {} : { facesToDelete: faces }),
        ...(page === null ? {} : { phonePage: page }),
      });
    },
    catalog: async ({ request, reply }) => {
      await catalog.refresh();
      if (isStill(catalog.etag, { request, reply })) return reply.code(304).send();
      return reply.type('application/json; charset=utf-8').send(catalog.text);
    },
    picture: async ({ params: { name } }) => {
      const found = await findPicture(db, name);
      if (found === null) return fail('not_found', 'no such picture');
      return ok({ type: found.type, data: Buffer.from(found.picture).toString('base64') });
    },
    offlinePolicy: async ({ cabinetId, request, reply }) => {
      const told = await offlinePolicies.of(cabinetId);
      if (told === null) return fail('not_found', 'nobody opens offline here');
      if (isStill(told.etag, { request, reply })) return reply.code(304).send();
      return reply.type('application/json; charset=utf-8').send(await told.text());
    },
    cabinetStaff: async (call) => {
      const list = await staffListOf({ db, clock, keys: options.staffKeys }, call.cabinetId);
      return handOut(call, list, 'the key of this cabinet was sealed with another secret');
    },
    planogram: async (call) => handOut(call, await planogramOf(db, call.cabinetId), 'nothing was planned'),
    promotions: async (call) => {
      const { order = null, tell } = (await promotionsOf({ db, clock }, call.cabinetId)) ?? {};
      return handOut(call, order, 'nothing was drawn up', tell);
    },
    cabinetSettings: async (call) => {
      const order = await settingsOrderFor(db, clock, call.cabinetId);
      return handOut(call, order, 'nothing that its program knows was ordered');
    },
    updateOrder: async (call) => handOut(call, await orderFor(db, call.cabinetId), 'nothing was ordered'),
    desiredState: (call) => desiredState(options, call),
    stockReport: (call) => receiveStockReport(options, call, call.body),
    settingsReport: (call) => receiveSettingsReport(options, call, call.body),
    stateReport: (call) => receiveStateReport(options, call, call.body),
    updateReport: (call) =>
      receiveUpdateReport(
        { db, clock, onTaken: (tx, said) => judgeRollOut(tx, options, said) },
        call,
        call.body,
      ),
    authorise: (call) => authoriseVisit(options, call, call.body),
    closeVisit: (call) => receiveClosing(options, call, call.params.visitId, call),
    waitForQrSignIn: async ({ cabinetId, body, reply }) => {
      const left = new AbortController();
      onAnsweredOrGone(reply, () => left.abort());
      return ok({ code: await qrSignIn.waitForScan(cabinetId, body.showing, body.waitMs, left.signal) });
    },
    putCharge: (call) => putCharge(options, intake, call),
    getCharge: ({ request, cabinetId, params }) =>
      readCharge(options, cabinetId, params.chargeId, sentBeforeIn(request.headers)),
    sendDispute: ({ cabinetId, params, body, json }) =>
      receiveDispute(options, cabinetId, params.chargeId, { body, json }),
    purchases: ({ cabinetId, body }) => listPurchases(options, cabinetId, body),
    alarm: ({ cabinetId, body }) => receiveAlarm(options, cabinetId, body),
    sendSupportBundle: (call) =>
      receiveSupportBundle({ db, clock, keys: options.staffKeys }, call, call.params.name, call.body),
    sendEvidence: (call) => receiveEvidence(options, call, call.params, call.body),
    wantedEvidence: async ({ cabinetId }) => ok(await wantedEvidenceOf(options, cabinetId)),
    evidenceMissing: (call) => receiveEvidenceMissing(options, call, call.params.visitId, call.body),
    faceCount: (call) => receiveFaceCount(options, call, call.body),
    enrolFace: (call) => enrolFace(options, call, call.params.enrolmentId, call.body),
    withdrawFace: (call) => withdrawFace(options, call, call.body),
  };
}

/** Held until something of this cabinet's has changed. */
async function desiredState(
  options: ApiOptions,
  call: ApiCall<'desiredState'>,
): Promise<Answer<'desiredState'>> {
  const { cabinetId, body, reply } = call;
  if (body.inForce !== null) {
    const kept = await receiveInForce(options, call, body.inForce);
    if (!kept.ok) return kept;
  }
  const left = new AbortController();
  onAnsweredOrGone(reply, () => left.abort());
  return options.desiredStates.wait(cabinetId, body, left.signal);
}

function sentBeforeIn(headers: ApiCall<'getCharge'>['request']['headers']): SentBefore | null {
  return parseSentBefore(headers[sentBeforeHeader], headers[knownDecisionHeader]);
}

/** Waits a little for the first debit, so that the shopper usually reads "paid" at once. */
async function putCharge(
  options: ApiOptions,
  intake: ChargeIntake,
  call: ApiCall<'putCharge'>,
): Promise<Answer<'putCharge'>> {
  const { clock, worker, metrics, logger } = options;
  await noteChainEnd(options, call, call.request.headers[chainHeader]);
  const sentBefore = sentBeforeIn(call.request.headers);
  const { cabinetId, body, json, params } = call;
  const received = await intake.receive(cabinetId, params.chargeId, { body, json, sentBefore });
  if (!received.ok) return received;
  const { fresh, provider, reply } = received.value;
  if (fresh) metrics.chargeAccepted(reply.state);
  logger.info('charge_received', { requestId: call.request.id, chargeId: reply.chargeId, fresh });
  if (!fresh || reply.state !== 'accepted') return ok(reply);
  const tried = await withTimeout(clock, debitWaitMs, worker.attempt(reply.chargeId, provider));
  const outcome = tried.ok ? tried.value : 'tried';
  if (outcome === 'not_tried') return ok(reply);
  if (outcome !== 'tried') return ok(replyFor(outcome));
  return readCharge(options, cabinetId, reply.chargeId, null);
}

/** Whether who asks has this one already; names it to them. */
function isStill(
  etag: string,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): boolean {
  void reply.header('etag', etag);
  return request.headers['if-none-match']?.includes(etag) === true;
}

/** What cabinets are told in versions: whole, or that it is still the one they have. `none`: why there is none; `tell`: it is told whole. */
async function handOut<T extends object>(
  call: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  told: T | null,
  none: string,
  tell?: () => Promise<void>,
): Promise<Result<T, ApiFailure> | FastifyReply> {
  if (told === null) return fail('not_found', none);
  if (isStill(etagOf(told), call)) return call.reply.code(304).send();
  await tell?.();
  return ok(told);
}
