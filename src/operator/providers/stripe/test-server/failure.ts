export interface FailureFields {
  readonly type?: string;
  readonly code?: string;
  readonly decline_code?: string;
  readonly advice_code?: string;
  readonly param?: string;
  readonly payment_intent?: unknown;
}

/** What the server answers instead of doing something. `isKept`: its key is answered so from now on. */
export class Failure extends Error {
  readonly status: number;
  readonly fields: FailureFields;
  readonly isKept: boolean;

  constructor(status: number, fields: FailureFields, isKept = false) {
    super(fields.code ?? String(status));
    this.status = status;
    this.fields = { type: 'invalid_request_error', ...fields };
    this.isKept = isKept;
  }

  get body(): unknown {
    // Sentences may name what nobody shall read; the adapter must not pass them on.
    return { error: { message: 'card 4242 of key sk_test_secretsecret', ...this.fields } };
  }
}

export const wrongField = (param: string): Failure => new Failure(400, { code: 'parameter_invalid', param });
export const missing = (param: string): Failure => new Failure(404, { code: 'resource_missing', param });
