import type { PhoneCallName } from '../shared/phone/calls.ts';
import type { PhoneSender } from '../shared/phone/client.ts';
import type { PhoneBody, PhoneReply } from '../shared/phone/routes.ts';
import { callPhoneStrictly } from '../shared/phone/strict-client.ts';
import type { Failure, Result } from '../shared/result.ts';
import { fail, ok } from '../shared/result.ts';
import { csrfHeader } from '../shared/util/page-call.ts';
import type { OperatorDev, OperatorDevFailure } from './operator-dev.ts';

type PhoneFailure = OperatorDevFailure | Failure<'sign_in_refused'>;

const callMaxMs = 10_000;

/** One member's phone on the operator's page for shoppers: what their browser keeps, and how it asks. */
class Phone {
  readonly #origin: string;
  readonly #cookies = new Map<string, string>();
  csrf: string | null = null;

  constructor(origin: string) {
    this.#origin = origin;
  }

  async call<N extends PhoneCallName>(
    name: N,
    body: PhoneBody<N>,
  ): Promise<Result<PhoneReply<N>, PhoneFailure>> {
    try {
      const answer = await callPhoneStrictly(this.#send, name, body);
      if (answer.ok) return ok(answer.value);
      return fail('operator_refused', `${name}: ${answer.status} ${answer.error.message}`);
    } catch (error) {
      return fail('operator_unreachable', `${name}: ${String(error)}`);
    }
  }

  readonly #send: PhoneSender = async ({ method, path, body }) => {
    const cookie = Array.from(this.#cookies, ([key, value]) => `${key}=${value}`).join('; ');
    const response = await fetch(this.#origin + path, {
      method,
      signal: AbortSignal.timeout(callMaxMs),
      headers: {
        origin: this.#origin,
        ...(cookie !== '' && { cookie }),
        ...(this.csrf !== null && { [csrfHeader]: this.csrf }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body }),
    });
    for (const set of response.headers.getSetCookie()) {
      const [, key = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      this.#cookies.set(key, value);
    }
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
  };
}

/**
 * The members' phones, each with a session of its own on the page that real phones open: signed in by a one-time link, which the
 * development API makes as the operator's own member system would.
 */
export class SimulatedPhones {
  readonly #operator: OperatorDev;
  readonly #byMember = new Map<string, Phone>();

  constructor(operator: OperatorDev) {
    this.#operator = operator;
  }

  /** This member's phone has scanned a cabinet's code; its owner says yes to the cabinet that the page names. */
  async openCabinet(memberId: string, text: string): Promise<Result<{ accepted: true }, PhoneFailure>> {
    const phone = await this.#phoneOf(memberId);
    if (!phone.ok) return phone;
    const looked = await phone.value.call('lookCabinet', { text });
    if (!looked.ok) {
      // The operator may have begun anew: the next scan signs in again.
      this.#byMember.delete(memberId);
      return looked;
    }
    if (!looked.value.opens) return refused(looked.value.reason);
    const opened = await phone.value.call('openCabinet', { text, cabinetId: looked.value.cabinetId });
    if (!opened.ok) return opened;
    return opened.value.accepted ? ok({ accepted: true }) : refused(opened.value.reason);
  }

  async #phoneOf(memberId: string): Promise<Result<Phone, PhoneFailure>> {
    const known = this.#byMember.get(memberId);
    if (known !== undefined) return ok(known);
    const link = await this.#operator.memberLink(memberId);
    if (!link.ok) return link;
    const { origin, hash } = new URL(link.value);
    const [phone, token] = [new Phone(origin), hash.slice(1)];
    const opened = await phone.call('openLink', { token });
    if (!opened.ok) return opened;
    const used = await phone.call('useLink', { token });
    if (!used.ok) return used;
    if (!used.value.signedIn) return fail('operator_refused', `not signed in: ${used.value.reason}`);
    phone.csrf = used.value.session.csrf;
    this.#byMember.set(memberId, phone);
    return ok(phone);
  }
}

function refused(reason: string) {
  return fail('sign_in_refused', `the operator does not take this code: ${reason}`);
}
