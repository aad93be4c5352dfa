import { type OwnPin, type StaffMember, comparisonOf, faultOfCode } from '../../core/service/staff-list.ts';
import { counted, eased, isToBeTold, takenBack, waitMsOf } from '../../core/service/throttle.ts';
import { faultOfPin } from '../../core/service/pin-rules.ts';
import type { Clock } from '../../shared/clock.ts';
import type { StaffList } from '../../shared/model/service.schema.ts';
import { type SignInRefusal, pinLength, type pinFaults } from '../../shared/model/service.ts';
import { readServiceCode } from '../../shared/node/service-code.ts';
import { type Failure, type Result, fail, ok } from '../../shared/result.ts';
import type { ServiceStore, ThrottleKind } from '../storage/service-store.ts';
import type { PinHasher } from './pin-hasher.ts';

/** Somebody is let in. `how`: with a one-time code a PIN must be set before anything else. */
export interface LetIn {
  readonly member: StaffMember;
  readonly how: 'pin' | 'duress' | 'code';
}

export interface ServiceAccessOptions {
  readonly store: ServiceStore;
  readonly hasher: Pick<PinHasher, 'hash' | 'isIt'>;
  readonly list: () => StaffList | null;
  /** The operator's time, at least as late as was ever told here, ms. */
  readonly operatorNowMs: () => number;
  /** Operating time: nobody sets it. */
  readonly operatingClock: Pick<Clock, 'nowMs'>;
  /** Many have failed. */
  readonly onFailures: (kind: ThrottleKind, count: number) => void;
}

type Refused = Failure<Exclude<SignInRefusal, 'busy'>>;

/** Who may come into service mode: number and PIN, or number and one-time code. */
export class ServiceAccess {
  readonly #o: ServiceAccessOptions;
  #isTrying = false;
  /** At which number the last wrong ones were typed, and how many with no other between. */
  #slips: { readonly at: string; readonly count: number } = { at: '', count: 0 };

  constructor(options: ServiceAccessOptions) {
    this.#o = options;
  }

  /** How long nobody may try a PIN, ms. */
  get waitMs(): number {
    const nowMs = this.#o.operatingClock.nowMs();
    const kept = this.#o.store.throttle('pin', nowMs);
    return kept.ok ? waitMsOf(kept.value, nowMs) : 0;
  }

  /** Nobody of this cabinet's list has a PIN: only a one-time code opens it. */
  get needsCode(): boolean {
    const { store, list } = this.#o;
    return !(list()?.staff ?? []).some(({ staffNo, pinHash }) => {
      const own = store.ownPin(staffNo);
      return pinHash !== null || (own.ok && own.value !== null);
    });
  }

  /** As the list says now; null: they are not in it. */
  memberOf(staffNo: string): StaffMember | null {
    return this.#o.list()?.staff.find((one) => one.staffNo === staffNo) ?? null;
  }

  /** What is longer than any PIN is taken for a one-time code. One try at a time. */
  async signIn(staffNo: string, secret: string): Promise<Result<LetIn, Refused>> {
    const digits = secret.replaceAll(/[\s-]/g, '');
    const isCode = digits.length > pinLength.max;
    // Nothing that is typed could be right: that is no try, and shuts nobody out for when it can be.
    const listNow = this.#o.list();
    if (listNow === null) return fail('no_list', 'the operator has not said who works here');
    if (!isCode && !this.#isGood(listNow)) return fail('list_old', 'the list is out of date');
    return isCode
      ? this.#once('code', staffNo, () => Promise.resolve(this.#byCode(staffNo, digits)))
      : this.#once('pin', staffNo, () => this.#byPin(staffNo, digits));
  }

  /** The PIN of whoever is signed in, once more. */
  async confirm(staffNo: string, pin: string): Promise<Result<LetIn, Refused>> {
    return this.#once('pin', staffNo, () => this.#byPin(staffNo, pin));
  }

  /** A PIN is set for this cabinet; it counts until the operator gives a newer one. */
  async setPin(
    { staffNo, pinVersion, duressHash }: StaffMember,
    pin: string,
    again: string,
  ): Promise<Result<void, Failure<(typeof pinFaults)[number] | 'storage'>>> {
    const fault = faultOfPin(pin, staffNo);
    if (fault !== null) return fail(fault, 'not a PIN that may be set');
    if (pin !== again) return fail('differ', 'typed differently the second time');
    // As the usual one it would be told to nobody any more; why it is refused is said to nobody either.
    if (duressHash !== null && (await this.#o.hasher.isIt(pin, duressHash)) !== false)
      return fail('trivial', 'not a PIN that may be set');
    const pinHash = await this.#o.hasher.hash(pin);
    if (pinHash === null) return fail('storage', 'no hash');
    const set = this.#o.store.setOwnPin(staffNo, { pinHash, pinVersion }, this.#o.operatorNowMs());
    return set.ok ? ok() : fail('storage', set.error.message);
  }

  /**
   * The try is counted on the disk before it is looked at, and only a right one takes that back: whoever pulls the plug
   * meanwhile has made a wrong one.
   */
  async #once(
    kind: ThrottleKind,
    staffNo: string,
    look: () => Promise<Result<LetIn, Refused>>,
  ): Promise<Result<LetIn, Refused>> {
    if (this.#isTrying) return fail('wait', 'another try is looked at');
    const { store, operatingClock, onFailures } = this.#o;
    const nowMs = operatingClock.nowMs();
    const kept = store.throttle(kind, nowMs);
    if (!kept.ok) return fail('storage', kept.error.message);
    const before = eased(kept.value, nowMs);
    if (waitMsOf(before, nowMs) > 0) return fail('wait', 'too many were wrong');
    const after = counted(before, nowMs);
    const at = `${kind} ${staffNo}`;
    const slipCount = this.#slips.at === at ? this.#slips.count : 0;
    this.#slips = { at, count: slipCount + 1 };
    const stored = store.setThrottle(kind, after);
    if (!stored.ok) return fail('storage', stored.error.message);
    this.#isTrying = true;
    try {
      const looked = await look();
      if (looked.ok) {
        this.#slips = { at, count: 0 };
        const cleared = store.setThrottle(kind, takenBack(before, slipCount));
        if (!cleared.ok) return fail('storage', cleared.error.message);
      } else if (looked.error.code === 'wrong' && isToBeTold(after)) onFailures(kind, after.failureCount);
      return looked;
    } finally {
      this.#isTrying = false;
    }
  }

  #isGood({ expiresAtMs }: StaffList): boolean {
    return this.#o.operatorNowMs() < expiresAtMs;
  }

  /** Two hashes, whoever it is and whatever was typed. */
  async #byPin(staffNo: string, pin: string): Promise<Result<LetIn, Refused>> {
    const { store, hasher, list } = this.#o;
    const listNow = list();
    const isListGood = listNow !== null && this.#isGood(listNow);
    const member = this.memberOf(staffNo);
    const own = store.ownPin(staffNo);
    if (!own.ok) return fail('storage', own.error.message);
    const with_ = comparisonOf(member, own.value satisfies OwnPin | null, isListGood);
    const isPin = await hasher.isIt(pin, with_.pinHash);
    const isDuress = await hasher.isIt(pin, with_.duressHash);
    if (isPin === null || isDuress === null) return fail('storage', 'no hash');
    if (!isListGood) return fail('list_old', 'the list is out of date');
    if (member === null || !(isPin || isDuress)) return fail('wrong', 'not this PIN');
    return ok({ member, how: isPin ? 'pin' : 'duress' });
  }

  /** It is used up on the disk before anybody is let in by it. */
  #byCode(staffNo: string, code: string): Result<LetIn, Refused> {
    const { store, list, operatorNowMs } = this.#o;
    const listNow = list();
    if (listNow === null) return fail('no_list', 'the operator has not said who works here');
    const { codeKey, cabinetId } = listNow;
    const used = store.usedSerial(codeKey);
    if (!used.ok) return fail('storage', used.error.message);
    const parts = readServiceCode({ codeKey, cabinetId, staffNo }, code);
    const member = this.memberOf(staffNo);
    if (parts === null || member === null || faultOfCode(parts, used.value, operatorNowMs()) !== null)
      return fail('wrong', 'not a code for this person here, or used, or too old');
    const stored = store.useSerial(codeKey, parts.serial);
    return stored.ok ? ok({ member, how: 'code' }) : fail('storage', stored.error.message);
  }
}
