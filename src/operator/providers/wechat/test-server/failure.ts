import { billErrorCodes, errorCodes, refundErrorCodes } from '../codes.ts';
import type { FaultCode } from './faults.ts';

/** What the server answers instead of doing something: a code with its status. */
export class Failure extends Error {
  readonly status: number;
  readonly code: string;

  constructor(code: FaultCode, message?: string) {
    const fact = { ...errorCodes, ...refundErrorCodes, ...billErrorCodes }[code];
    super(message ?? fact.zh);
    this.status = fact.http;
    this.code = code;
  }
}
