/**
 * What a log line may not carry, whatever object it comes in: values under these keys, compared without case, `-`, `_` and
 * the prefix of our own HTTP headers.
 */
const secretKeys = new Set([
  'code',
  'face',
  'descriptor',
  'memberid',
  'memberdisplay',
  'signature',
  'key',
  'keyhex',
  'databasekey',
  'privatekey',
  'token',
  'nonce',
]);
export const redacted = '[redacted]';

/** Deeper than this, and beyond so many members, a value is left out: a log line stays small. */
const depthMax = 6;
const memberCountMax = 50;
const textMaxLength = 2000;

const failureCode = /^[a-z]+(?:_[a-z]+)*(?:\.[a-z_]+)?$/;

/**
 * A copy of `value` that is safe to log. A failure or an error (an object with `message` and a code of a closed union)
 * keeps its code, under the name `errorCode`: what is hidden as `code` is what people show to the scanner.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') {
    return value.length > textMaxLength ? `${value.slice(0, textMaxLength)}…` : value;
  }
  if (value === null || typeof value === 'number' || typeof value === 'boolean' || value === undefined) {
    return value;
  }
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object') return `[${typeof value}]`;
  if (depth >= depthMax) return '[deep]';
  if (value instanceof Error) {
    return { name: value.name, ...errorCodeOf(value), message: value.message, stack: value.stack };
  }
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.slice(0, memberCountMax).map((item) => redact(item, depth + 1));
  const copy: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value).slice(0, memberCountMax)) {
    copy[name] = isSecret(name) ? redacted : redact(member, depth + 1);
  }
  if ('message' in value && 'code' in copy) {
    delete copy['code'];
    Object.assign(copy, errorCodeOf(value));
  }
  return copy;
}

function errorCodeOf(value: object): { errorCode?: string } {
  const code = 'code' in value ? value.code : undefined;
  if (typeof code !== 'string') return {};
  return { errorCode: failureCode.test(code) || /^[A-Z]+(?:_[A-Z0-9]+)*$/.test(code) ? code : redacted };
}

function isSecret(name: string): boolean {
  return secretKeys.has(
    name
      .toLowerCase()
      .replace(/^kaimen-/, '')
      .replaceAll(/[-_]/g, ''),
  );
}
