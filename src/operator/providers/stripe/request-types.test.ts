import type Stripe from 'stripe';
import { expect, expectTypeOf, it } from 'vitest';
import {
  cancelParams,
  captureParams,
  confirmParams,
  createParams,
  incrementParams,
  linkParams,
  refundParams,
  searchParams,
} from './intent-calls.ts';
import { customerParams, setupParams } from './sign-up.ts';
import type { intentStatuses, refundStatuses } from './codes.ts';

const intent = {
  ...{ orderId: 'KM1', amountMinor: 1_050, currency: 'USD', cabinetId: 'cabinet-1', isHold: true },
  ...{ customer: 'cus_1', paymentMethod: 'pm_1' },
};

/**
 * What the library's own types do not have is not sent: an object with another field, or of another type, does not
 * compile.
 */
it('every request is one of the library, with nothing beside it', () => {
  const requests = [
    createParams(intent) satisfies Stripe.PaymentIntentCreateParams,
    createParams({ ...intent, isHold: false }) satisfies Stripe.PaymentIntentCreateParams,
    confirmParams('pm_1') satisfies Stripe.PaymentIntentConfirmParams,
    incrementParams(1) satisfies Stripe.PaymentIntentIncrementAuthorizationParams,
    captureParams(1) satisfies Stripe.PaymentIntentCaptureParams,
    cancelParams() satisfies Stripe.PaymentIntentCancelParams,
    refundParams({
      orderId: 'KM1',
      refundId: 'R1',
      intentId: 'pi_1',
      amountMinor: 1,
    }) satisfies Stripe.RefundCreateParams,
    searchParams('KM1') satisfies Stripe.PaymentIntentSearchParams,
    linkParams({
      ...{ orderId: 'KM1', amountMinor: 1_050, currency: 'USD', cabinetId: 'cabinet-1' },
      ...{ backUrl: 'https://pay.example/', untilS: 1_800_000_000 },
    }) satisfies Stripe.Checkout.SessionCreateParams,
    customerParams('M1') satisfies Stripe.CustomerCreateParams,
    setupParams({
      ...{ signUpId: 'A1', customer: 'cus_1', backUrl: 'https://pay.example/', untilS: 1_800_000_000 },
    }) satisfies Stripe.Checkout.SessionCreateParams,
  ];
  // A repeat is made from the text on record.
  for (const request of requests) expect(JSON.parse(JSON.stringify(request))).toEqual(request);
  expectTypeOf(createParams(intent)).toExtend<Stripe.PaymentIntentCreateParams>();
});

it('statuses are those of the library', () => {
  expectTypeOf<(typeof intentStatuses)[number]>().toExtend<Stripe.PaymentIntent['status']>();
  expectTypeOf<(typeof refundStatuses)[number]>().toExtend<NonNullable<Stripe.Refund['status']>>();
});
