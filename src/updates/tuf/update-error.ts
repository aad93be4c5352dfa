/**
 * Why an update could not be looked for or fetched:
 * - `unreachable`: no connection, or it broke; `silent`: nothing came for too long; `slow`: hardly anything came for too long;
 *   `busy`: the server says that it cannot now. These pass: it is tried again later, from where it was;
 * - `elsewhere`: the answer leads to another place, as a captive portal's does;
 * - `missing`: the server does not have it; `too_long`: more came than was signed for;
 * - `untrusted`: signatures, versions, dates or hashes are not as they have to be; what was trusted before stays so;
 * - `disk`: it could not be read or written here.
 */
export type UpdateErrorKind =
  'unreachable' | 'silent' | 'slow' | 'busy' | 'elsewhere' | 'missing' | 'too_long' | 'untrusted' | 'disk';

export class UpdateError extends Error {
  readonly kind: UpdateErrorKind;

  constructor(kind: UpdateErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UpdateError';
    this.kind = kind;
  }
}
