import type { StaffMember } from '../../core/service/staff-list.ts';
import type { Clock } from '../../shared/clock.ts';
import type { IpcResult } from '../../shared/ipc/table.schema.ts';
import { staffNoSchema } from '../../shared/model/service.schema.ts';
import type { PinPad } from '../../shared/model/pin-pad.schema.ts';
import type { NewPinFault, SignInRefusal } from '../../shared/model/service.ts';
import { fail, ok } from '../../shared/result.ts';
import type { LetIn, ServiceAccess } from './service-access.ts';
import type { ServiceNotes } from './service-notes.ts';

/** Nobody types: the number pad goes, ms. */
export const padMaxMs = 45_000;
/** What a service card says, and a one-time code as a QR: `KMS:<number>` or `KMS:<number>.<code>`. */
const cardForm = /^KMS:(\d{4,6})(?:\.(\d{20}))?$/;
const done: IpcResult<null> = ok(null);

type PadView = Extract<PinPad, { screen: 'signIn' }>;
type NewPinView = Extract<PinPad, { screen: 'newPin' }>;

export interface ServiceEntryOptions {
  readonly access: ServiceAccess;
  readonly notes: ServiceNotes;
  /** Nobody is served. */
  readonly isIdle: () => boolean;
  readonly isSignedIn: () => boolean;
  readonly begin: (member: StaffMember, how: LetIn['how']) => void;
  readonly nextPadId: () => number;
  readonly clock: Clock;
  readonly onChange: () => void;
}

interface Pad {
  readonly isChecking: boolean;
  readonly refusal: SignInRefusal | null;
  readonly staffNo: string | null;
}

/** The way in: the number pad, service cards, one-time codes, and the new PIN that follows one. */
export class ServiceEntry {
  readonly #o: ServiceEntryOptions;
  #pad: Pad | null = null;
  /** Came in with a one-time code, and has to set a PIN before anything else. */
  #settingPin: {
    readonly member: StaffMember;
    readonly fault: NewPinFault | null;
    readonly isChecking: boolean;
  } | null = null;
  #padId: number;
  /** What showed it has died: it is not shown again before somebody asks for it. */
  #isLost = false;
  #cancelPad: () => void = () => undefined;

  constructor(options: ServiceEntryOptions) {
    this.#o = options;
    this.#padId = options.nextPadId();
  }

  get isShown(): boolean {
    return this.#pad !== null || this.#settingPin !== null || this.#isLost;
  }
  /** The pad has gone as nobody meant it to, and whoever stands there is to read so. */
  get isLost(): boolean {
    return this.#isLost;
  }

  stop(): void {
    this.#cancelPad();
  }

  /** The hidden touches were made; or, at the pad, somebody types: it stays. */
  knock(): IpcResult<null> {
    return this.#show(null);
  }

  /** True: it was a service card or code, for nobody else. */
  scanned(text: string): boolean {
    if (!text.startsWith('KMS:')) return false;
    const [, staffNo, code] = cardForm.exec(text.trim()) ?? [];
    if (staffNo === undefined || !this.#show(staffNo).ok) return true;
    if (code !== undefined) this.signIn(staffNo, code);
    return true;
  }

  /** Away from the pad; somebody who is at work leaves by `leave`. */
  close(): IpcResult<null> {
    if (this.#settingPin !== null || this.#o.isSignedIn()) return fail('forbidden', 'signed in');
    this.hide();
    return done;
  }

  signIn(staffNo: string, secret: string): IpcResult<null> {
    if (this.#pad === null || this.#pad.isChecking) return fail('stale', 'nobody is asked for a PIN');
    if (!staffNoSchema.safeParse(staffNo).success) return fail('bad_request', 'no staff number');
    const asked: Pad = { isChecking: true, refusal: null, staffNo };
    this.#set(asked);
    void this.#o.access.signIn(staffNo, secret).then((result) => {
      // On record and told whatever has become of the pad meanwhile.
      if (result.ok) this.#o.notes.tellDuress(result.value);
      else this.#o.notes.signInRefused(staffNo, result.error.code);
      // It was typed at a pad that is gone: nobody at the next one comes in by it.
      if (this.#pad !== asked) return;
      if (!result.ok) {
        this.#set({ isChecking: false, refusal: result.error.code, staffNo });
        return;
      }
      const { member, how } = result.value;
      if (how !== 'code') this.#o.begin(member, how);
      else {
        this.hide();
        this.#settingPin = { member, fault: null, isChecking: false };
        this.#padTimer();
        this.#o.onChange();
      }
    });
    return done;
  }

  setPin(pin: string, again: string): IpcResult<null> {
    const setting = this.#settingPin;
    if (setting === null) return fail('forbidden', 'nobody came in with a one-time code');
    if (setting.isChecking) return fail('stale', 'it is looked at');
    const checked = { ...setting, isChecking: true };
    this.#settingPin = checked;
    this.#padTimer();
    this.#o.onChange();
    void this.#o.access.setPin(setting.member, pin, again).then((set) => {
      if (this.#settingPin !== checked) return;
      if (!set.ok) {
        this.#settingPin = { ...setting, fault: set.error.code };
        this.#padTimer();
        this.#o.onChange();
        return;
      }
      this.#settingPin = null;
      this.#o.begin(setting.member, 'code');
    });
    return done;
  }

  /** It cannot be begun now: the pad says so. */
  refuse(refusal: SignInRefusal): void {
    this.#set({ isChecking: false, refusal, staffNo: null });
  }

  /** Roles may have changed, or somebody works here no more. */
  staffChanged(): void {
    const setting = this.#settingPin;
    if (setting !== null && this.#o.access.memberOf(setting.member.staffNo) === null) this.#settingPin = null;
  }

  hide(): void {
    this.#cancelPad();
    if (!this.isShown) return;
    this.#forget();
    this.#o.onChange();
  }

  /** What showed the pad has died: it is closed, nobody has come in, and that is said for as long as a pad stands. */
  lost(): void {
    this.#forget();
    this.#isLost = true;
    this.#padTimer();
    this.#o.onChange();
  }

  #forget(): void {
    this.#pad = null;
    this.#settingPin = null;
    this.#isLost = false;
    this.#padId = this.#o.nextPadId();
  }

  /** Null: nobody is asked for anything. `isAtWork`: the pad stands whoever came to it. */
  view(isAtWork: boolean): NewPinView | Omit<PadView, 'door'> | null {
    const { access } = this.#o;
    const shown = { padId: this.#padId, isUnbilled: isAtWork };
    if (this.#settingPin !== null) {
      const { member, fault, isChecking } = this.#settingPin;
      return { ...shown, screen: 'newPin', name: member.name, fault, isChecking, mayGoBack: false };
    }
    const isAsked = isAtWork && !this.#isLost;
    const pad = this.#pad ?? (isAsked ? { isChecking: false, refusal: null, staffNo: null } : null);
    if (pad === null) return null;
    const common = { waitMs: Math.ceil(access.waitMs), needsCode: access.needsCode };
    return { ...shown, screen: 'signIn', ...pad, ...common, isAtWork };
  }

  #show(staffNo: string | null): IpcResult<null> {
    if (this.#o.isSignedIn()) return fail('stale', 'signed in');
    if (this.#settingPin !== null || (this.#pad !== null && staffNo === null)) {
      this.#padTimer();
      return done;
    }
    if (!this.#o.isIdle()) return fail('stale', 'a shopper is served');
    if (this.#pad?.isChecking === true) return done;
    this.#set({ isChecking: false, refusal: null, staffNo });
    return done;
  }

  #set(pad: Pad): void {
    this.#isLost = false;
    this.#pad = pad;
    this.#padTimer();
    this.#o.onChange();
  }

  #padTimer(): void {
    this.#cancelPad();
    this.#cancelPad = this.#o.clock.after(padMaxMs, () => {
      this.hide();
    });
  }
}
