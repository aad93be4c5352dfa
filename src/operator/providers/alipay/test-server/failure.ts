/** What the server answers instead of doing something; `code` and `sub_code` are its words. */
export class Failure extends Error {
  readonly code: string;
  readonly subCode: string;

  constructor(code: string, subCode: string, message = '业务处理失败') {
    super(message);
    this.code = code;
    this.subCode = subCode;
  }
}

/** Codes of 芝麻's own calls: theirs stand in no public copy, so that these are invented, and nothing may depend on them. */
export const invented = {
  notThere: 'TEST_ORDER_NOT_THERE',
  repeated: 'TEST_ORDER_REPEATED',
  agreement: 'TEST_AGREEMENT_NOT_VALID',
  risk: 'TEST_RISK',
  state: 'TEST_ORDER_STATE',
} as const;

export const business = (subCode: string): Failure => new Failure('40004', subCode);
